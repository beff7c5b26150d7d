//! What the control API answers when it cannot do what was asked.

use std::sync::Arc;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::StatusCode;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Organisation, Sandbox};

#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error("{0}")]
    Invalid(String),
    #[error("there is no organisation `{0}`")]
    NoOrganisation(String),
    #[error("not settled: {}", .0.join("; "))]
    Unsettled(Vec<String>),
    #[error("the work was interrupted")]
    Interrupted,
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::NoOrganisation(_) => StatusCode::NOT_FOUND,
            Self::Unsettled(_) => StatusCode::GATEWAY_TIMEOUT,
            Self::Interrupted => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, Json(serde_json::json!({ "error": self.to_string() }))).into_response()
    }
}

/// The body, where an empty one stands for `{}`; an error names the field.
pub(super) fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Error> {
    let text: &[u8] = if bytes.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        bytes
    };
    serde_json::from_slice(text)
        .map_err(|error| Error::Invalid(format!("the body is not what is asked for: {error}")))
}

pub(super) fn organisation(sandbox: &Sandbox, id: &str) -> Result<Arc<Organisation>, Error> {
    let found = Uuid::parse_str(id).ok().and_then(|id| sandbox.organisation(id));
    found.ok_or_else(|| Error::NoOrganisation(id.to_owned()))
}
