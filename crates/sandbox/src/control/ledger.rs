//! `/_sandbox/organisations/{id}/ledger?dataType=`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, Query, State},
};
use serde::{Deserialize, Serialize};

use super::error::{Error, organisation};
use crate::{
    Sandbox, generate,
    ledger::rows::{DATA_TYPES, Row},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Asked {
    data_type: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Answer {
    results: Vec<Row>,
}

/// What a perfect connector would have to hold of one data type.
pub(super) async fn rows(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Json<Answer>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    let known = || DATA_TYPES.join(", ");
    let data_type = asked
        .data_type
        .ok_or_else(|| Error::Invalid(format!("`dataType` is missing; known: {}", known())))?;
    let today = generate::today(sandbox.clock.now());
    let rows = organisation.ledger().rows(&data_type, today);
    let results =
        rows.ok_or_else(|| Error::Invalid(format!("`dataType` is `{data_type}`; known: {}", known())))?;
    Ok(Json(Answer { results }))
}
