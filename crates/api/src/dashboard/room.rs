use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use http::request::Parts;
use ledgerline_engine::Engine;
use ledgerline_model::Timestamp;
use ledgerline_model::app::{App, Environment};
use ledgerline_store::apps;
use maud::{Markup, html};

use super::errors::Error;
use super::session::Operator;
use crate::pages::{self, Page, Site};

/// Who looks at which app's world: nothing of the dashboard can be seen without it.
pub(super) struct Room {
    pub(super) engine: Arc<Engine>,
    pub(super) site: Site,
    pub(super) operator: Operator,
    pub(super) app: App,
    pub(super) environment: Environment,
    pub(super) now: Timestamp,
    apps: Vec<App>,
    /// The other values of the path, by name.
    values: Vec<(String, String)>,
}

/// The rooms that one can walk to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    Companies,
    Runs,
    Deliveries,
    Keys,
}

impl Room {
    /// The address of something in this room.
    pub(super) fn path(&self, rest: &str) -> String {
        self.path_of(&self.app, self.environment, rest)
    }

    /// An id out of the path; one that is malformed names nothing.
    pub(super) fn id<T: std::str::FromStr>(&self, name: &str) -> Result<T, Error> {
        self.values
            .iter()
            .find(|(key, _)| key == name)
            .and_then(|(_, value)| value.parse().ok())
            .ok_or_else(|| self.not_found())
    }

    pub(super) fn not_found(&self) -> Error {
        Error::NotFound(self.site.clone())
    }

    pub(super) fn page(&self, door: Door, title: &str, body: Markup) -> Page {
        let body = html! {
            header.top {
                div.inner {
                    a.home href=(self.site.path("/dashboard")) {
                        img src=(pages::mark(&self.site)) alt=""; "Ledgerline"
                    }
                    nav.rooms aria-label="Rooms" {
                        @for (to, name, path) in Door::ALL {
                            a href=(self.path(path)) aria-current=[(to == door).then_some("page")] { (name) }
                        }
                    }
                    form method="post" action=(self.site.path("/dashboard/logout")) {
                        (self.csrf())
                        button.button.quiet.small type="submit" { "Sign out" }
                    }
                }
            }
            (self.tenants(door))
            main #main.wide { (body) }
        };
        Page::new(&self.site, "dashboard", format!("{title} · Ledgerline"), body)
    }

    /// What every form carries.
    pub(super) fn csrf(&self) -> Markup {
        html! { input type="hidden" name="csrf" value=(self.operator.csrf); }
    }

    fn tenants(&self, door: Door) -> Markup {
        let (_, _, path) = Door::ALL[door as usize];
        html! {
            div.tenant {
                nav.inner aria-label="App and environment" {
                    @if self.apps.len() == 1 {
                        strong { (self.app.name) }
                    } @else {
                        ul {
                            @for app in &self.apps {
                                li {
                                    a href=(self.path_of(app, self.environment, path))
                                        aria-current=[(app.id == self.app.id).then_some("true")] { (app.name) }
                                }
                            }
                        }
                    }
                    ul {
                        @for environment in [Environment::Test, Environment::Live] {
                            li {
                                a href=(self.path_of(&self.app, environment, path))
                                    aria-current=[(environment == self.environment).then_some("true")] {
                                    (environment.key())
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn path_of(&self, app: &App, environment: Environment, rest: &str) -> String {
        self.site
            .path(format!("/dashboard/{}/{}/{rest}", app.id, environment.key()))
    }
}

impl Door {
    /// In the order of the variants.
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Companies, "Companies", "companies"),
        (Self::Runs, "Runs", "runs"),
        (Self::Deliveries, "Deliveries", "deliveries"),
        (Self::Keys, "Keys", "keys"),
    ];
}

impl<S: Send + Sync> FromRequestParts<S> for Room
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let engine = Arc::<Engine>::from_ref(state);
        let site = Site::new(&engine.config.public_url);
        let operator = Operator::find(&engine, &parts.headers).await?;
        let not_found = || Error::NotFound(site.clone());
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| not_found())?;
        let values: Vec<(String, String)> = params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let value = |name: &str| {
            let found = values.iter().find(|(key, _)| key == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let environment = Environment::from_key(value("environment")).ok_or_else(not_found)?;
        let mut tx = engine.store.read().await?;
        let apps = apps::all(&mut tx).await?;
        drop(tx);
        let app = apps
            .iter()
            .find(|app| app.id.to_string() == value("app"))
            .cloned()
            .ok_or_else(not_found)?;
        Ok(Self {
            now: engine.now(),
            engine,
            site,
            operator,
            app,
            environment,
            apps,
            values,
        })
    }
}
