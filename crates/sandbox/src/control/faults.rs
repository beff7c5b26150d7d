//! `/_sandbox/organisations/{id}/faults`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use bytes::Bytes;
use serde::Serialize;

use super::error::{Error, body, organisation};
use crate::{
    Organisation, Sandbox,
    faults::{Fault, TOKENS},
    ledger::rows::DATA_TYPES,
};

#[derive(Debug, Serialize)]
struct View {
    #[serde(flatten)]
    fault: Fault,
    /// How often it has struck.
    struck: u64,
}

pub(super) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Error> {
    Ok(Json(view(&*organisation(&sandbox, &id)?)))
}

/// Plan one more fault.
pub(super) async fn plan(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Result<Json<serde_json::Value>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    let fault: Fault = body(&bytes)?;
    if !(0.0..=1.0).contains(&fault.rate) {
        return Err(Error::Invalid(format!(
            "`rate` is {}, but takes 0 to 1",
            fault.rate
        )));
    }
    if fault.ms.is_some_and(|ms| ms > 600_000) {
        return Err(Error::Invalid("`ms` takes at most 600000".to_owned()));
    }
    if let Some(data_type) = &fault.data_type
        && !DATA_TYPES.contains(&data_type.as_str())
        && !["balanceSheet", "profitAndLoss", TOKENS].contains(&data_type.as_str())
    {
        return Err(Error::Invalid(format!(
            "`data_type` is `{data_type}`; known: {}, {TOKENS}",
            DATA_TYPES.join(", ")
        )));
    }
    organisation.faults.plan(fault);
    Ok(Json(view(&organisation)))
}

/// Forget every fault.
pub(super) async fn clear(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    organisation.faults.clear();
    Ok(Json(view(&organisation)))
}

fn view(organisation: &Organisation) -> serde_json::Value {
    let planned = organisation.faults.planned().into_iter();
    let views: Vec<View> = planned.map(|(fault, struck)| View { fault, struck }).collect();
    serde_json::json!({ "results": views })
}
