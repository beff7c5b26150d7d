//! The pages on which a customer connects books: open a link, choose a platform, consent there, come back.
//! They work without a script, and tell every ending in words.

/// The page of a session: what is asked, and the way to the platform.
mod begin;
/// Back from the platform.
mod callback;
/// One of several organisations.
mod choose;
/// How it ended.
mod ended;
/// A link is opened: it makes a session of the browser.
mod open;

/// The pages as markup.
mod views;
/// The session in the address, proven by its cookie.
mod visitor;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use http::StatusCode;
use ledgerline_engine::Engine;
use ledgerline_engine::link;

/// `/link/…` and `/oauth/callback/…`.
pub fn router(engine: Arc<Engine>) -> Router {
    Router::new()
        .route("/link/s/{token}", get(open::open))
        .route("/link/{session}", get(begin::show))
        .route("/link/{session}/begin", post(begin::begin))
        .route("/link/{session}/choose", get(choose::show).post(choose::choose))
        .route("/link/{session}/ended/{ending}", get(ended::show))
        .route("/oauth/callback/{platform}", get(callback::callback))
        .with_state(engine)
}

/// How an attempt to connect can end, as a customer is told. Names of other companies are never told.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Ending {
    Linked {
        organisation: Option<String>,
    },
    AlreadyLinked {
        organisation: Option<String>,
    },
    Refused,
    NoOrganisation,
    /// A connection's link takes only the organisation that it was made for.
    OtherOrganisation {
        organisation: Option<String>,
    },
    AlreadyLinkedElsewhere,
    /// The company's books are connected through another connection.
    CompanyBusy,
    Expired,
    UnknownLink,
    /// The platform is not set up at this server.
    Unavailable {
        /// For whoever runs it.
        reason: Option<String>,
    },
    Failed {
        message: Option<String>,
    },
}

impl Ending {
    /// What scripts read of the page.
    const fn outcome(&self) -> &'static str {
        match self {
            Self::Linked { .. } | Self::AlreadyLinked { .. } => "linked",
            Self::Refused => "refused",
            Self::NoOrganisation
            | Self::OtherOrganisation { .. }
            | Self::AlreadyLinkedElsewhere
            | Self::CompanyBusy
            | Self::Expired
            | Self::UnknownLink
            | Self::Unavailable { .. }
            | Self::Failed { .. } => "failed",
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Linked { .. }
            | Self::AlreadyLinked { .. }
            | Self::Refused
            | Self::NoOrganisation
            | Self::OtherOrganisation { .. }
            | Self::AlreadyLinkedElsewhere
            | Self::CompanyBusy
            | Self::Failed { .. } => StatusCode::OK,
            Self::Expired => StatusCode::BAD_REQUEST,
            Self::UnknownLink => StatusCode::NOT_FOUND,
            Self::Unavailable { .. } => StatusCode::CONFLICT,
        }
    }
}

/// An outcome as the last part of an address; what its page tells beyond that, it looks up.
const fn slug(outcome: &link::Outcome) -> &'static str {
    match outcome {
        link::Outcome::Linked { .. } => "linked",
        link::Outcome::AlreadyLinked { .. } => "already-linked",
        link::Outcome::Refused => "refused",
        link::Outcome::NoOrganisation => "no-organisation",
        link::Outcome::OtherOrganisation { .. } => "other-organisation",
        link::Outcome::AlreadyLinkedElsewhere { .. } => "linked-elsewhere",
        link::Outcome::Failed { .. } => "failed",
        link::Outcome::Expired => "expired",
        link::Outcome::Choose { .. } => "choose",
    }
}
