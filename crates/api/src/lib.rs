//! Our HTTP: one folder per dialect, and what they share.

/// Who calls: keys in their three spellings, and tokens.
pub mod auth;
/// JSON bodies, their limits and what is wrong with them.
pub mod body;
/// The id under which the log knows a request.
pub mod correlation;

/// The Codat-shaped dialect.
pub mod codat;

/// The Accend-shaped dialect.
pub mod accend;
/// What the operator sees in a browser.
pub mod dashboard;
/// The Sync2Books-shaped dialect.
pub mod sync2books;

/// Where customers connect their books.
pub mod link;

/// Who changed what: an entry for every change that a key makes.
mod audit;
/// Cookies that only their own server reads.
mod cookies;
/// What the descriptions of all dialects share.
mod describe;
/// A page for people, made from the descriptions.
mod docs;
/// Whether the server lives, is ready, and how it does.
mod health;
/// Failures of ours that pass by themselves.
mod outage;

/// Who is told of events, where dialects register it alike.
mod endpoints;
/// What stands around an event, where dialects tell it alike.
mod envelope;
/// Headers for the safety of browsers.
mod headers;
/// What the pages for people share: their shell, stylesheet and words.
mod pages;
/// Routes match whatever the case of the path.
mod paths;
/// Forms with files.
mod upload;

/// What the tests share.
#[cfg(test)]
mod testing;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::{from_fn, from_fn_with_state};
use docs::Surface;
use ledgerline_engine::{Engine, Shapes};
use ledgerline_platform::Registry;
use tower::Layer;
use tower_http::catch_panic::CatchPanicLayer;
use url::Url;

/// What handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    pub engine: Arc<Engine>,
    pub usage: codat::Usage,
    pub meters: sync2books::Meters,
}

impl FromRef<Api> for Arc<Engine> {
    fn from_ref(api: &Api) -> Self {
        api.engine.clone()
    }
}

/// Everything that this server answers to.
pub fn router(engine: Arc<Engine>) -> Router {
    let api = Api {
        engine: engine.clone(),
        usage: codat::Usage::default(),
        meters: sync2books::Meters::default(),
    };
    let (codat, description) = codat::router(&api);
    let paths = paths::Paths::of(description.paths.paths.keys().map(String::as_str));
    let (accend, of_accend) = accend::router(&api);
    let (sync2books, of_sync2books) = sync2books::router(&api);
    let surfaces = [
        Surface::new("codat", description, &[]),
        Surface::new("accend", of_accend, &[]),
        Surface::new("sync2books", of_sync2books, &sync2books::DOCUMENTED_AT),
    ];
    let docs = docs::router(&pages::Site::new(&engine.config.public_url), &surfaces);
    let routes = codat
        .merge(accend)
        .merge(sync2books)
        .with_state(api)
        .merge(docs)
        .merge(pages::router())
        .merge(link::router(engine.clone()))
        .merge(dashboard::router(engine.clone()))
        .merge(health::router(engine.clone()))
        .layer(CatchPanicLayer::custom(correlation::panicked))
        .layer(from_fn(correlation::note_route));
    Router::new()
        .fallback_service(paths.layer(routes))
        .layer(from_fn_with_state(engine.clone(), headers::secure))
        .layer(from_fn_with_state(engine, correlation::correlate))
}

/// How each dialect tells events, for [`Engine::shapes`].
pub fn shapes(registry: &Registry, public_url: &Url) -> Shapes {
    let codat = codat::webhooks::shape(registry.clone(), public_url.clone());
    let rules = codat::rules::shape(registry.clone());
    let accend = accend::webhooks::shape();
    let sync2books = sync2books::webhooks::shape(registry.clone());
    Shapes(
        [
            (codat::webhooks::DIALECT, codat),
            (codat::rules::DIALECT, rules),
            (accend::webhooks::DIALECT, accend),
            (sync2books::webhooks::DIALECT, sync2books),
        ]
        .into(),
    )
}
