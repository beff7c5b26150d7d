use axum::Form;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use ledgerline_engine::link;
use serde::Deserialize;

use super::views;
use super::visitor::Visitor;
use crate::pages::Page;

/// The organisations that the consent reaches, to choose one.
pub(super) async fn show(visitor: Visitor) -> Response {
    if visitor.visit.choice.is_empty() {
        return Redirect::to(&visitor.path("")).into_response();
    }
    page(&visitor, false).into_response()
}

#[derive(Deserialize)]
pub(super) struct Choose {
    #[serde(default)]
    organisation: String,
}

/// Link the chosen one.
pub(super) async fn choose(visitor: Visitor, Form(form): Form<Choose>) -> Response {
    match link::choose(&visitor.engine, visitor.id, &visitor.cookie, &form.organisation).await {
        Ok(outcome) => {
            let platform = visitor.visit.choice_platform.as_deref().unwrap_or_default();
            Redirect::to(&visitor.see(&outcome, platform)).into_response()
        }
        Err(link::Error::UnknownOrganisation) => {
            let mut page = page(&visitor, true);
            page.status = StatusCode::BAD_REQUEST;
            page.into_response()
        }
        Err(error) => visitor.refuse(error, None),
    }
}

pub(super) fn page(visitor: &Visitor, is_missing: bool) -> Page {
    let about = visitor
        .visit
        .choice_platform
        .as_deref()
        .and_then(|platform| visitor.about(platform));
    views::choose(
        &visitor.scene(),
        &visitor.path("/choose"),
        about,
        &visitor.visit.choice,
        is_missing,
    )
}
