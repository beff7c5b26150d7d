//! `/_sandbox/organisations/{id}/mutate`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::error::{Error, body, organisation};
use crate::{
    Sandbox,
    mutate::{Change, Mutation},
};

/// What is to change, and when.
#[derive(Debug, Deserialize)]
struct Wanted {
    /// After so many more calls of the platform's API for the organisation: between two pages of a read, say.
    #[serde(default)]
    after: u64,
    #[serde(flatten)]
    mutation: serde_json::Value,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    creates: usize,
    edits: usize,
    deletes: usize,
    voids: usize,
    restores: usize,
    adjustments: usize,
    /// Whether it is still to come, after so many calls.
    planned: bool,
    results: Vec<Change>,
}

/// Change the books as people would, over all types of records.
pub(super) async fn mutate(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Answer>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    let Wanted { after, mutation } = body(&bytes)?;
    let mutation: Mutation =
        serde_json::from_value(mutation).map_err(|error| Error::Invalid(error.to_string()))?;
    for (name, count) in [
        ("creates", mutation.creates),
        ("edits", mutation.edits),
        ("deletes", mutation.deletes),
        ("voids", mutation.voids),
        ("restores", mutation.restores),
        ("adjustments", mutation.adjustments),
    ] {
        if count > 100_000 {
            return Err(Error::Invalid(format!(
                "`{name}` is {count}, but takes at most 100000"
            )));
        }
    }
    let now = sandbox.clock.now();
    if after > 0 {
        organisation.plan_change(after, mutation);
        return Ok(Json(Answer {
            creates: 0,
            edits: 0,
            deletes: 0,
            voids: 0,
            restores: 0,
            adjustments: 0,
            planned: true,
            results: Vec::new(),
        }));
    }
    let work = tokio::task::spawn_blocking(move || organisation.change(|ledger| mutation.apply(ledger, now)));
    let results = work.await.map_err(|_| Error::Interrupted)?;
    let count = |what| {
        results
            .iter()
            .filter(|change: &&Change| change.what == what)
            .count()
    };
    Ok(Json(Answer {
        creates: count("create"),
        edits: count("edit"),
        deletes: count("delete"),
        voids: count("void"),
        restores: count("restore"),
        adjustments: count("adjust"),
        planned: false,
        results,
    }))
}

/// Forget the changes that are still to come.
pub(super) async fn forget(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Error> {
    let forgotten = organisation(&sandbox, &id)?.forget_planned_changes();
    Ok(Json(serde_json::json!({ "forgotten": forgotten })))
}
