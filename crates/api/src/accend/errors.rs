use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use ledgerline_engine::connections;
use ledgerline_model::app::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::query::Fault;
use crate::correlation::{CorrelationId, Panicked};
use crate::{auth, body, endpoints, outage};

/// An answer that is none: what the caller can do about it, in this dialect's words.
#[derive(Clone, Debug)]
pub struct Error {
    pub status: StatusCode,
    detail: Detail,
    /// The customer that is in the way.
    customer: Option<String>,
    /// Seconds, for 429 and 503.
    retry_after: Option<u32>,
}

#[derive(Clone, Debug)]
enum Detail {
    Text(String),
    Field(Problem),
}

impl Error {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self {
            status,
            detail: Detail::Text(text.into()),
            customer: None,
            retry_after: None,
        }
    }

    /// A foreign, an absent and a malformed id all get this.
    pub fn no_customer() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Customer not found")
    }

    /// A foreign, an absent and a malformed id all get this.
    pub fn no_link_connection() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Link connection not found")
    }

    pub fn no_webhook() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Webhook not found")
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    pub fn conflict(text: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, text)
    }

    /// Another customer has the app's id.
    pub fn external_id_taken(customer: String) -> Self {
        Self {
            customer: Some(customer),
            ..Self::conflict("external_customer_id already used")
        }
    }

    /// A member of the body; dots and brackets lead into it.
    pub fn bad_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid("body", Some(field), message)
    }

    /// A parameter of the query string.
    pub fn bad_parameter(name: &str, message: impl Into<String>) -> Self {
        Self::invalid("query", Some(name), message)
    }

    fn invalid(place: &str, path: Option<&str>, message: impl Into<String>) -> Self {
        let steps = path
            .into_iter()
            .flat_map(|path| path.split(['.', '[', ']']))
            .filter(|step| !step.is_empty())
            .map(str::to_owned);
        let problem = Problem {
            loc: std::iter::once(place.to_owned()).chain(steps).collect(),
            msg: message.into(),
            kind: "value_error",
        };
        Self {
            detail: Detail::Field(problem),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "")
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

    fn broken() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
    }

    fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Not authenticated")
    }

    /// Over the platform's limits, for so many seconds.
    pub fn too_many(text: impl Into<String>, retry_after: u32) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, text)
        }
    }

    /// The key lacks this scope.
    pub fn out_of_scope(scope: Scope) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            format!("The API key lacks the scope `{}`", scope.key()),
        )
    }

    fn unavailable() -> Self {
        Self {
            retry_after: Some(outage::RETRY_AFTER),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "Temporarily not available")
        }
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

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::bad_parameter("filter", fault.to_string())
    }
}

impl From<body::Refused> for Error {
    fn from(refused: body::Refused) -> Self {
        if refused.status == StatusCode::BAD_REQUEST {
            return Self::invalid("body", refused.field.as_deref(), refused.message);
        }
        Self::new(refused.status, refused.message)
    }
}

impl From<endpoints::Refused> for Error {
    fn from(refused: endpoints::Refused) -> Self {
        match refused {
            endpoints::Refused::Url(reason) => Self::bad_field("url", reason),
            endpoints::Refused::EventTypes(reason) => Self::bad_field("event_types", reason),
            endpoints::Refused::TooMany(limit) => {
                Self::conflict(format!("There are {limit} webhooks; delete one first"))
            }
            endpoints::Refused::Store(error) => Self::internal(&error),
        }
    }
}

impl From<auth::Refused> for Error {
    fn from(refused: auth::Refused) -> Self {
        match refused {
            auth::Refused::Unauthorized => Self::unauthorized(),
            auth::Refused::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                "A customer access token reaches this customer's link connections only",
            ),
            auth::Refused::Unavailable => Self::unavailable(),
        }
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

/// The body of every answer that is not a success, but for 422.
#[derive(Serialize, ToSchema)]
pub struct Refusal<'a> {
    /// What is wrong.
    detail: &'a str,
    /// With 409: the customer that has the `external_customer_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
}

/// The body of 422.
#[derive(Serialize, ToSchema)]
pub struct Invalid<'a> {
    detail: [&'a Problem; 1],
}

/// What is wrong, and where.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `body` or `query`, then the names on the way to the value.
    loc: Vec<String>,
    msg: String,
    #[serde(rename = "type")]
    kind: &'static str,
}

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Give every refusal, whoever made it, the body of this dialect, and every answer its `x-request-id`.
pub async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<CorrelationId>().cloned();
    let mut response = next.run(request).await;
    if let Some(error) = refusal(&mut response) {
        response = rendered(&error, response);
    }
    if let Some(value) = id.and_then(|id| HeaderValue::from_str(&id.0).ok()) {
        response.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    response
}

fn rendered(error: &Error, mut response: Response) -> Response {
    let mut rendered = match &error.detail {
        Detail::Text(detail) => {
            let customer_id = error.customer.as_deref();
            (error.status, axum::Json(Refusal { detail, customer_id })).into_response()
        }
        Detail::Field(problem) => (error.status, axum::Json(Invalid { detail: [problem] })).into_response(),
    };
    let headers = rendered.headers_mut();
    if let Some(seconds) = error.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if error.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    // What was said beside the body stays: the methods that are allowed.
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
