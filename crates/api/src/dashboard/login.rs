use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use ledgerline_engine::Engine;
use ledgerline_model::{Secret, Timestamp};
use ledgerline_store::{apps, dashboard};
use maud::html;
use serde::Deserialize;
use url::Url;

use super::errors::{Error, see};
use super::session::{self, Operator};
use crate::pages::{Page, Site};

/// How many seconds a login link is good for, if it is not used before.
const LOGIN: i64 = 24 * 3600;

/// A new address that logs one browser in, once.
pub async fn login_url(engine: &Engine) -> ledgerline_store::Result<Url> {
    let token = session::random(engine);
    let now = engine.real_now();
    let expires_at = Timestamp::from_second(now.as_second() + LOGIN).unwrap_or(now);
    let mut tx = engine.store.write().await?;
    // Each start of a server comes by here: a good moment to forget what has ended.
    dashboard::clean(&mut tx, now).await?;
    dashboard::insert_login(&mut tx, &session::sha256(&token), expires_at).await?;
    tx.commit().await?;
    let mut url = engine.config.public_url.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments
            .pop_if_empty()
            .extend(["dashboard", "login", token.expose()]);
    }
    Ok(url)
}

/// Follow a login link: it makes a session, whatever session there was before.
pub(super) async fn open(
    State(engine): State<Arc<Engine>>,
    Path(token): Path<String>,
) -> Result<Response, Error> {
    let site = Site::new(&engine.config.public_url);
    let hash = session::sha256(&Secret::new(token));
    let mut tx = engine.store.write().await?;
    if !dashboard::take_login(&mut tx, &hash, engine.real_now()).await? {
        return Ok(used(&site));
    }
    let cookie = session::begin(&engine, &mut tx).await?;
    tx.commit().await?;
    Ok(([cookie], see(&site.path("/dashboard"))).into_response())
}

/// To the first app's companies; the environment that has some, live first.
pub(super) async fn home(State(engine): State<Arc<Engine>>, headers: HeaderMap) -> Result<Response, Error> {
    let _ = Operator::find(&engine, &headers).await?;
    let site = Site::new(&engine.config.public_url);
    let mut tx = engine.store.read().await?;
    let Some(app) = apps::all(&mut tx).await?.into_iter().next() else {
        return Ok(empty(&site));
    };
    let live = ledgerline_model::app::Environment::Live;
    let has_live = ledgerline_store::companies::count(&mut tx, app.id, live).await? > 0;
    let environment = if has_live { "live" } else { "test" };
    Ok(see(
        &site.path(format!("/dashboard/{}/{environment}/companies", app.id))
    ))
}

#[derive(Deserialize)]
pub(super) struct Leave {
    csrf: String,
}

pub(super) async fn leave(
    State(engine): State<Arc<Engine>>,
    headers: HeaderMap,
    Form(form): Form<Leave>,
) -> Result<Response, Error> {
    let operator = Operator::find(&engine, &headers).await?;
    operator.check(&engine, &form.csrf)?;
    operator.end(&engine).await?;
    let site = Site::new(&engine.config.public_url);
    Ok(([session::forget(&site)], see(&site.path("/dashboard"))).into_response())
}

fn used(site: &Site) -> Response {
    let body = html! {
        main #main.card {
            header {
                h1 { "This login link does not work" }
                p.lead { "A login link works once, for a day." }
            }
            p { "The server prints a new one when it starts." }
        }
    };
    let mut page = Page::new(site, "link", "Login", body);
    page.status = StatusCode::UNAUTHORIZED;
    page.into_response()
}

fn empty(site: &Site) -> Response {
    let body = html! {
        main #main.card {
            header {
                h1 { "No app yet" }
                p.lead { "An app owns companies, keys and endpoints. Make the first with its first key:" }
            }
            code.once { "ledgerline keys create --app NAME --env test" }
        }
    };
    Page::new(site, "link", "Dashboard", body).into_response()
}
