use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use ledgerline_engine::{Engine, link};
use ledgerline_model::{LinkSessionId, Secret};
use ledgerline_platform::About;
use url::Url;

use super::views::{self, Scene};
use super::{Ending, slug};
use crate::cookies;
use crate::pages::{Page, Site};

/// How long the browser keeps a session's cookie, in seconds.
pub(super) const COOKIE_SECONDS: i64 = 3600;

/// The browser of a session: the address names it, its cookie proves it.
pub(super) struct Visitor {
    pub(super) engine: Arc<Engine>,
    pub(super) site: Site,
    pub(super) id: LinkSessionId,
    pub(super) cookie: Secret,
    pub(super) visit: link::Visit,
}

impl Visitor {
    pub(super) fn scene(&self) -> Scene<'_> {
        Scene {
            site: &self.site,
            app: &self.visit.app.name,
            logo: self.logo(),
            company: &self.visit.company.name,
        }
    }

    /// An address of this session.
    pub(super) fn path(&self, rest: &str) -> String {
        self.site.path(format!("/link/{}{rest}", self.id))
    }

    /// The platforms that this link can lead to.
    pub(super) fn platforms(&self) -> Vec<&'static About> {
        let environment = self.visit.company.environment;
        let is_meant = |about: &About| {
            let only = self.visit.connection.as_ref();
            let allowed = &self.visit.platforms;
            only.is_none_or(|connection| connection.platform == about.key)
                && (allowed.is_empty() || allowed.iter().any(|key| key == about.key))
        };
        self.engine
            .registry
            .all()
            .filter(|entry| entry.endpoints(environment).is_some())
            .map(|entry| entry.about())
            .filter(|about| is_meant(about))
            .collect()
    }

    pub(super) fn about(&self, platform: &str) -> Option<&'static About> {
        Some(self.engine.registry.find(platform)?.about())
    }

    /// The page of an ending; `platform` is the one that was tried.
    pub(super) fn ended(&self, ending: &Ending, platform: Option<&str>, back: Option<&Url>) -> Page {
        let connection = self.visit.connection.as_ref().or(self.visit.active.as_ref());
        let platform = platform.or(connection.map(|connection| connection.platform.as_str()));
        let about = platform.and_then(|platform| self.about(platform));
        let can_retry = match ending {
            Ending::Refused
            | Ending::NoOrganisation
            | Ending::OtherOrganisation { .. }
            | Ending::AlreadyLinkedElsewhere
            | Ending::Failed { .. } => true,
            Ending::Linked { .. }
            | Ending::AlreadyLinked { .. }
            | Ending::CompanyBusy
            | Ending::Expired
            | Ending::UnknownLink
            | Ending::Unavailable { .. } => false,
        };
        let retry = can_retry.then(|| self.path(""));
        views::ending(&self.scene(), about, ending, back, retry.as_deref())
    }

    /// After an attempt: to the page that tells of it, so that no code stays in the address.
    pub(super) fn see(&self, outcome: &link::Outcome, platform: &str) -> String {
        see(&self.site, self.id, outcome, platform)
    }

    /// An error as a page of this session.
    pub(super) fn refuse(&self, error: link::Error, platform: Option<&str>) -> Response {
        match Stranger::of(&self.site, error) {
            Stranger::Told(_, ending) => self.ended(&ending, platform, None).into_response(),
            broken @ Stranger::Broken(_) => broken.into_response(),
        }
    }

    fn logo(&self) -> Option<Url> {
        let logo = Url::parse(self.visit.app.settings.logo_url.as_deref()?).ok()?;
        (logo.scheme() == "https" || logo.scheme() == "http").then_some(logo)
    }
}

/// Where an outcome is told.
pub(super) fn see(site: &Site, session: LinkSessionId, outcome: &link::Outcome, platform: &str) -> String {
    match outcome {
        link::Outcome::Choose { .. } => site.path(format!("/link/{session}/choose")),
        ended => {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("platform", platform)
                .finish();
            site.path(format!("/link/{session}/ended/{}?{query}", slug(ended)))
        }
    }
}

pub(super) fn cookie_name(site: &Site, session: LinkSessionId) -> String {
    cookies::name(site, &format!("ledgerline_link_{}", session.0.simple()))
}

/// The browser's cookie of a session.
pub(super) fn cookie_of(headers: &HeaderMap, site: &Site, session: LinkSessionId) -> Option<Secret> {
    cookies::find(headers, &cookie_name(site, session))
}

/// Somebody to whom the session is not shown.
pub(super) enum Stranger {
    Told(Site, Ending),
    /// Our own fault, already logged.
    Broken(Site),
}

impl Stranger {
    pub(super) fn of(site: &Site, error: link::Error) -> Self {
        let ending = match error {
            link::Error::NotFound => Ending::UnknownLink,
            link::Error::Expired | link::Error::UnknownOrganisation => Ending::Expired,
            link::Error::AlreadyLinked => Ending::CompanyBusy,
            link::Error::UnknownPlatform(_) => Ending::Unavailable { reason: None },
            error @ (link::Error::NoSandbox | link::Error::NotConfigured(_) | link::Error::MovedClock) => {
                Ending::Unavailable {
                    reason: Some(format!("For whoever runs this server: {error}.")),
                }
            }
            error @ (link::Error::Platform(_) | link::Error::Pull(_) | link::Error::Store(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "A link page failed");
                return Self::Broken(site.clone());
            }
        };
        Self::Told(site.clone(), ending)
    }
}

impl IntoResponse for Stranger {
    fn into_response(self) -> Response {
        match self {
            Self::Told(site, ending) => views::stranger(&site, &ending).into_response(),
            Self::Broken(site) => {
                let mut page = views::stranger(&site, &Ending::Failed { message: None });
                page.status = StatusCode::SERVICE_UNAVAILABLE;
                page.into_response()
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Stranger;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Stranger> {
        let engine = Arc::<Engine>::from_ref(state);
        let site = Site::new(&engine.config.public_url);
        let expired = || Stranger::Told(site.clone(), Ending::Expired);
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| expired())?;
        let id = params
            .iter()
            .find(|(name, _)| *name == "session")
            .and_then(|(_, value)| value.parse::<LinkSessionId>().ok())
            .ok_or_else(|| Stranger::Told(site.clone(), Ending::UnknownLink))?;
        if parts.method != Method::GET && is_foreign(&parts.headers) {
            return Err(expired());
        }
        let cookie = cookie_of(&parts.headers, &site, id).ok_or_else(expired)?;
        let visit = link::visit(&engine, id, &cookie)
            .await
            .map_err(|error| Stranger::of(&site, error))?;
        Ok(Self {
            engine,
            site,
            id,
            cookie,
            visit,
        })
    }
}

/// A form that another site sent. The cookie stays away then, too; browsers that say so are believed.
fn is_foreign(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site != "same-origin" && site != "none")
}
