use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use maud::html;

use crate::pages::{Page, Site};

/// Why a page of the dashboard cannot be shown.
#[derive(Debug)]
pub(super) enum Error {
    /// Nobody is logged in.
    SignedOut(Site),
    NotFound(Site),
    /// The form was not one of this session's.
    Forged(Site),
    /// Data could not be asked for.
    Refresh(Site, ledgerline_engine::pull::Error),
    Store(ledgerline_store::Error),
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (site, status, title, text, next) = match self {
            Self::SignedOut(site) => (
                site,
                StatusCode::UNAUTHORIZED,
                "You are signed out",
                "A session ends after half an hour without use, and after twelve hours in any case.",
                "The server prints a new one-time link when it starts.",
            ),
            Self::NotFound(site) => (
                site,
                StatusCode::NOT_FOUND,
                "There is nothing here",
                "What this address named does not exist, or was deleted.",
                "",
            ),
            Self::Forged(site) => (
                site,
                StatusCode::FORBIDDEN,
                "That form is out of date",
                "It was made for another session, so nothing was changed.",
                "Go back, reload the page, and send it again.",
            ),
            Self::Refresh(site, error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "Data could not be asked for"
                );
                (
                    site,
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The data could not be asked for",
                    "Nothing was changed. The log of the server says why.",
                    "Go back and try again in a moment.",
                )
            }
            Self::Store(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "A page could not be shown"
                );
                (
                    Site::default(),
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The store does not answer",
                    "The page could not be read. The log of the server says why.",
                    "Reload the page in a moment.",
                )
            }
        };
        let body = html! {
            main #main.card {
                header {
                    h1 { (title) }
                    p.lead { (text) }
                }
                @if !next.is_empty() { p { (next) } }
                @if status == StatusCode::NOT_FOUND {
                    div.actions { a.button.quiet href=(site.path("/dashboard")) { "To the dashboard" } }
                }
            }
        };
        let mut page = Page::new(&site, "link", title, body);
        page.status = status;
        page.into_response()
    }
}

/// To another page of ours, after a form.
pub(super) fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}
