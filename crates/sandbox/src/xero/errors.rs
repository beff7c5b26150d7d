//! Xero's error bodies: problem documents from its gateway, numbered exceptions from the Accounting API.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// Why a call is refused.
pub(super) enum Error {
    /// No token, or one that we did not issue.
    BadToken,
    /// A token past its half hour; the text says since when.
    ExpiredToken(String),
    /// A token without the scope that this endpoint needs.
    MissingScope,
    /// The token is good, the organisation is not (or no longer) among its connections.
    WrongTenant,
    /// `where`, `order`, or a parameter could not be read.
    Query {
        number: u16,
        kind: &'static str,
        message: String,
    },
    /// No such record or endpoint.
    NotFound,
    /// The client takes neither JSON nor anything.
    NotAcceptable,
    /// A write to what this simulator only lets be read.
    MethodNotAllowed,
    /// A body beyond every limit.
    TooLarge,
    /// Xero is down for this organisation.
    Unavailable,
    /// Records that the books do not take: the whole body.
    Validation(Vec<u8>),
    /// What cannot happen; said rather than hidden.
    Internal(String),
}

impl Error {
    /// A body that cannot be read.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        Self::Query {
            number: 14,
            kind: "PostDataInvalidException",
            message: format!("Invalid Json data: {error}"),
        }
    }

    /// Something that the books do not take, without a record to name.
    pub(super) fn refused(message: &str) -> Self {
        Self::Query {
            number: 10,
            kind: "ValidationException",
            message: message.to_owned(),
        }
    }

    /// A parameter that cannot be read.
    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::Query {
            number: 16,
            kind: "QueryParseException",
            message: message.into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::BadToken => unauthorized("AuthenticationUnsuccessful"),
            Self::ExpiredToken(since) => unauthorized(&format!("TokenExpired: token expired at {since}")),
            Self::MissingScope => unauthorized("AuthorizationUnsuccessful"),
            Self::WrongTenant => json_response(
                StatusCode::FORBIDDEN,
                "application/problem+json",
                &json!({
                    "type": null, "title": "Forbidden", "status": 403, "detail": "AuthenticationUnsuccessful",
                    "instance": super::ids::next(), "extensions": {},
                }),
            ),
            Self::Query {
                number,
                kind,
                message,
            } => json_response(
                StatusCode::BAD_REQUEST,
                "application/json; charset=utf-8",
                &json!({ "ErrorNumber": number, "Type": kind, "Message": message }),
            ),
            Self::Validation(body) => (
                StatusCode::BAD_REQUEST,
                [(header::CONTENT_TYPE, "application/json; charset=utf-8")],
                body,
            )
                .into_response(),
            Self::NotFound => plain(
                StatusCode::NOT_FOUND,
                "The resource you're looking for cannot be found",
            ),
            Self::NotAcceptable => plain(
                StatusCode::NOT_ACCEPTABLE,
                "XML is not offered here: send `Accept: application/json`.",
            ),
            Self::MethodNotAllowed => json_response(
                StatusCode::METHOD_NOT_ALLOWED,
                "application/json; charset=utf-8",
                &json!({ "ErrorNumber": 20, "Type": "ApiMethodNotImplementedException",
                    "Message": "The Api Method called is not implemented" }),
            ),
            Self::TooLarge => plain(StatusCode::PAYLOAD_TOO_LARGE, "The request is too large"),
            Self::Unavailable => plain(StatusCode::SERVICE_UNAVAILABLE, "The organisation is offline"),
            Self::Internal(message) => json_response(
                StatusCode::INTERNAL_SERVER_ERROR,
                "application/problem+json",
                &json!({ "Title": "An error occurred", "Status": 500, "Detail": message }),
            ),
        }
    }
}

fn unauthorized(detail: &str) -> Response {
    json_response(
        StatusCode::UNAUTHORIZED,
        "application/problem+json",
        &json!({
            "Type": null, "Title": "Unauthorized", "Status": 401, "Detail": detail,
            "Instance": super::ids::next(), "Extensions": {},
        }),
    )
}

/// A JSON body with the content type that its sender uses.
pub(super) fn json_response(
    status: StatusCode,
    content_type: &'static str,
    body: &serde_json::Value,
) -> Response {
    let mut response = (status, body.to_string()).into_response();
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    (status, text).into_response()
}
