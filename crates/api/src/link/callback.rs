use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use ledgerline_engine::{Engine, link};

use super::visitor::{Stranger, cookie_of, see};
use super::{Ending, views};
use crate::pages::Site;

/// Back from the platform. The code is used here and leaves the address at once.
pub(super) async fn callback(
    State(engine): State<Arc<Engine>>,
    Path(platform): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Stranger> {
    let site = Site::new(&engine.config.public_url);
    let parameters = url::form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let cookie = |session| cookie_of(&headers, &site, session);
    let callback = link::callback(&engine, &platform, parameters, &cookie)
        .await
        .map_err(|error| Stranger::of(&site, error))?;
    Ok(match callback.session {
        Some(session) => Redirect::to(&see(&site, session, &callback.outcome, &platform)).into_response(),
        None => views::stranger(&site, &Ending::Expired).into_response(),
    })
}
