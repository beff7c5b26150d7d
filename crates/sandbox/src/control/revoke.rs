//! `/_sandbox/organisations/{id}/revoke`

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};

use super::error::{Error, organisation};
use crate::Sandbox;

/// The customer cuts access: what was consented to before is void.
pub(super) async fn revoke(
    State(sandbox): State<Arc<Sandbox>>,
    Path(id): Path<String>,
) -> Result<Json<serde_json::Value>, Error> {
    let organisation = organisation(&sandbox, &id)?;
    organisation.revoke_access();
    sandbox.keep();
    Ok(Json(serde_json::json!({ "revoked": organisation.id })))
}
