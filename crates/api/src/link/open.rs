use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use ledgerline_engine::{Engine, link};

use super::visitor::{COOKIE_SECONDS, Stranger, cookie_name};
use crate::cookies;
use crate::pages::Site;

/// Open a link: the browser gets a session with a cookie of its own, and the session's page.
pub(super) async fn open(
    State(engine): State<Arc<Engine>>,
    Path(token): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Stranger> {
    let site = Site::new(&engine.config.public_url);
    let opened = link::open(&engine, &token, query.as_deref().unwrap_or_default())
        .await
        .map_err(|error| Stranger::of(&site, error))?;
    let cookie = cookies::set(
        &site,
        &cookie_name(&site, opened.session),
        &opened.cookie,
        COOKIE_SECONDS,
    );
    let page = site.path(format!("/link/{}", opened.session));
    Ok(([cookie], Redirect::to(&page)).into_response())
}
