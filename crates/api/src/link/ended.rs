use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Redirect, Response};
use ledgerline_engine::link;
use ledgerline_model::connection::Connection;
use serde::Deserialize;

use super::Ending;
use super::visitor::Visitor;

#[derive(Deserialize)]
pub(super) struct Tried {
    platform: Option<String>,
}

/// How an attempt ended. The address says only what kind of ending it was; success is told only if it is so.
pub(super) async fn show(
    visitor: Visitor,
    Path((_, ending)): Path<(String, String)>,
    Query(tried): Query<Tried>,
) -> Response {
    let organisation = |connection: Option<&Connection>| {
        let organisation = connection?.organisation.as_ref()?;
        Some(organisation.name.clone())
    };
    let visit = &visitor.visit;
    let problem = visit.problem.as_ref().map(|problem| problem.message.clone());
    let failed = || link::Outcome::Failed {
        message: problem.clone().unwrap_or_default(),
    };
    let (ending, outcome) = match (ending.as_str(), &visit.active) {
        ("linked", Some(active)) => (
            Ending::Linked {
                organisation: organisation(Some(active)),
            },
            link::Outcome::Linked {
                connection: active.id,
            },
        ),
        ("already-linked", Some(active)) => (
            Ending::AlreadyLinked {
                organisation: organisation(Some(active)),
            },
            link::Outcome::AlreadyLinked {
                connection: active.id,
            },
        ),
        ("refused", _) => (Ending::Refused, link::Outcome::Refused),
        ("no-organisation", _) => (Ending::NoOrganisation, link::Outcome::NoOrganisation),
        ("other-organisation", _) => {
            let organisation = organisation(visit.connection.as_ref());
            (Ending::OtherOrganisation { organisation }, failed())
        }
        ("linked-elsewhere", _) => (Ending::AlreadyLinkedElsewhere, failed()),
        ("failed", _) => {
            let message = problem.clone();
            (Ending::Failed { message }, failed())
        }
        _ => return Redirect::to(&visitor.path("")).into_response(),
    };
    let back = match link::return_url(&visitor.engine, visitor.id, &outcome).await {
        Ok(back) => back,
        Err(error) => return visitor.refuse(error, tried.platform.as_deref()),
    };
    visitor
        .ended(&ending, tried.platform.as_deref(), back.as_ref())
        .into_response()
}
