use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use ledgerline_engine::{connections, push};
use serde::Serialize;
use utoipa::ToSchema;

use super::signature::Unsigned;
use crate::correlation::Panicked;
use crate::{auth, body, endpoints, outage};

/// An answer that is none: what the caller can do about it, in this dialect's words.
#[derive(Clone, Debug)]
pub struct Error {
    pub status: StatusCode,
    message: Message,
    /// Seconds, for 429 and 503.
    retry_after: Option<u32>,
}

/// What is wrong: one sentence, or one for each field.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Message {
    Text(String),
    Fields(Vec<String>),
}

impl Error {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            message: Message::Text(text.into()),
            retry_after: None,
        }
    }

    /// A foreign, an absent and a malformed id all get this.
    pub fn no_such(what: &str, id: &str) -> Self {
        let id: String = id.chars().take(64).collect();
        Self::new(StatusCode::NOT_FOUND, format!("{what} with ID {id} not found"))
    }

    /// There is no such route.
    pub fn no_route(request: &Request) -> Self {
        let path: String = request.uri().path().chars().take(200).collect();
        let method = request.method();
        Self::new(StatusCode::NOT_FOUND, format!("Cannot {method} {path}"))
    }

    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// A field of the body or a parameter of the query string.
    pub fn bad_field(name: &str, reason: impl std::fmt::Display) -> Self {
        Self::bad_fields(vec![format!("{name} {reason}")])
    }

    /// Each begins with the path of the field.
    pub fn bad_fields(messages: Vec<String>) -> Self {
        Self {
            message: Message::Fields(messages),
            ..Self::new(StatusCode::BAD_REQUEST, "")
        }
    }

    pub fn conflict(text: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, text)
    }

    pub fn too_many_requests(retry_after: u32) -> Self {
        let text = format!("Too many requests: try again in {retry_after} s");
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, text)
        }
    }

    /// Somebody else is to blame, and it will pass.
    pub fn later(text: impl Into<String>) -> Self {
        Self {
            retry_after: Some(30),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text)
        }
    }

    /// Something of ours is broken, or away for a moment; the caller learns no more than the request's id.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "The request failed");
        match outage::will_pass(error) {
            true => Self::unavailable(),
            false => Self::broken(),
        }
    }

    fn unavailable() -> Self {
        Self {
            retry_after: Some(outage::RETRY_AFTER),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Temporarily not available")
        }
    }

    fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<connections::Error> for Error {
    fn from(error: connections::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<push::Error> for Error {
    fn from(error: push::Error) -> Self {
        match error {
            push::Error::Content(reason) => Self::bad_request(reason),
            push::Error::Job(_) => Self::internal(&error),
        }
    }
}

impl From<body::Refused> for Error {
    fn from(refused: body::Refused) -> Self {
        match refused.field {
            Some(_) => Self::bad_fields(vec![refused.message]),
            None => Self::new(refused.status, refused.message),
        }
    }
}

impl From<endpoints::Refused> for Error {
    fn from(refused: endpoints::Refused) -> Self {
        match refused {
            endpoints::Refused::Url(reason) => Self::bad_field("url", reason),
            endpoints::Refused::EventTypes(reason) => Self::bad_field("event_types", reason),
            endpoints::Refused::TooMany(limit) => {
                Self::conflict(format!("There are {limit} webhooks: delete one first"))
            }
            endpoints::Refused::Store(error) => Self::internal(&error),
        }
    }
}

impl From<auth::Refused> for Error {
    fn from(refused: auth::Refused) -> Self {
        match refused {
            auth::Refused::Unauthorized => Self::new(
                StatusCode::UNAUTHORIZED,
                "Invalid or missing API key: send it as the header `X-API-Key`",
            ),
            auth::Refused::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "This token reaches one company's link only: send an API key",
            ),
            auth::Refused::Unavailable => Self::unavailable(),
        }
    }
}

impl From<Unsigned> for Error {
    fn from(reason: Unsigned) -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            format!("Invalid request signature: {reason}"),
        )
    }
}

/// The error itself travels as an extension, as every other refusal does: [`render`] writes the body.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The body of every answer that is not a success.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refusal<'a> {
    status_code: u16,
    /// What is wrong: a sentence, or a list of them where fields are not valid; each begins with the field's path.
    message: &'a Message,
    /// The status in words.
    error: &'a str,
}

/// Give every refusal, whoever made it, the body of this dialect.
pub async fn render(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(error) = refusal(&mut response) else {
        return response;
    };
    let body = Refusal {
        status_code: error.status.as_u16(),
        message: &error.message,
        error: error.status.canonical_reason().unwrap_or("Error"),
    };
    let mut rendered = (error.status, axum::Json(body)).into_response();
    let headers = rendered.headers_mut();
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // What was said beside the body stays: the methods that are allowed, how many requests are left.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            headers.insert(name, value.clone());
        }
    }
    std::mem::swap(rendered.extensions_mut(), response.extensions_mut());
    rendered
}

fn refusal(response: &mut Response) -> Option<Error> {
    let extensions = response.extensions_mut();
    if let Some(error) = extensions.remove::<Error>() {
        return Some(error);
    }
    if let Some(refused) = extensions.remove::<auth::Refused>() {
        return Some(refused.into());
    }
    if let Some(refused) = extensions.remove::<body::Refused>() {
        return Some(refused.into());
    }
    if extensions.remove::<Panicked>().is_some() {
        return Some(Error::broken());
    }
    let status = response.status();
    let text = status.canonical_reason().unwrap_or("The request failed");
    (status.is_client_error() || status.is_server_error()).then(|| Error::new(status, text))
}
