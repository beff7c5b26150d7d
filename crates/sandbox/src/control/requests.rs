//! `/_sandbox/organisations/{id}/requests`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};

use super::error::{Error, organisation};
use crate::{Sandbox, requests::Snapshot};

/// What was asked of the organisation, and the rules that were broken.
pub(super) async fn list(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<Snapshot>, Error> {
    Ok(Json(organisation(&sandbox, &id)?.requests.snapshot()))
}
