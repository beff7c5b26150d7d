//! `/_sandbox/organisations/{id}/mutate`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde::Serialize;

use super::error::{Error, body, organisation};
use crate::{
    Sandbox,
    mutate::{Change, Mutation},
};

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    creates: usize,
    edits: usize,
    deletes: usize,
    voids: usize,
    results: Vec<Change>,
}

/// Change the books as people would, over all types of records.
pub(super) async fn mutate(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<Answer>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    let mutation: Mutation = body(&bytes)?;
    for (name, count) in [
        ("creates", mutation.creates),
        ("edits", mutation.edits),
        ("deletes", mutation.deletes),
        ("voids", mutation.voids),
    ] {
        if count > 100_000 {
            return Err(Error::Invalid(format!(
                "`{name}` is {count}, but takes at most 100000"
            )));
        }
    }
    let now = sandbox.clock.now();
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
        results,
    }))
}
