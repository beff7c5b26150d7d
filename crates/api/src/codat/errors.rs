use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use ledgerline_engine::{connections, push};
use ledgerline_model::{CompanyId, DataType, PullId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::correlation::{CorrelationId, Panicked};
use crate::{auth, body, outage};

/// An answer that is none: what the caller can do about it, in this dialect's words.
#[derive(Clone, Debug)]
pub struct Error {
    pub status: StatusCode,
    /// Which of the dialect's services would have refused.
    service: &'static str,
    message: String,
    /// Field by field, where more than one may be wrong.
    problems: Vec<Problem>,
    /// Seconds, for 429 and 503.
    retry_after: Option<u32>,
}

/// What is wrong with a field of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Where it stands, e.g. `Items[0].Lines[0].NetAmount`.
    pub item: String,
    pub message: String,
}

const PUBLIC: &str = "PublicApi";
const CLIENTS: &str = "ClientsApi";
const PULL: &str = "PullApi";
const EXPENSES: &str = "ExpenseSyncApi";

impl Error {
    fn new(status: StatusCode, service: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            service,
            message: message.into(),
            problems: Vec::new(),
            retry_after: None,
        }
    }

    /// A foreign, an absent and a malformed id all get this.
    pub fn no_company(id: &str) -> Self {
        let id = shortened(id);
        let message = format!("No company was found with ID {id}");
        Self::new(StatusCode::NOT_FOUND, CLIENTS, message)
    }

    /// A foreign, an absent and a malformed id all get this.
    pub fn no_connection(id: &str) -> Self {
        let message = format!("Data connection {} not found", shortened(id));
        Self::new(StatusCode::NOT_FOUND, PUBLIC, message)
    }

    /// There is nothing of this kind with this id.
    pub fn no_such(what: &str, id: &str) -> Self {
        let message = format!("No {what} was found with ID {}", shortened(id));
        Self::new(StatusCode::NOT_FOUND, PUBLIC, message)
    }

    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, PUBLIC, "NotFound")
    }

    pub fn unauthorized() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, PUBLIC, "Unauthorized")
    }

    /// The request makes no sense; `message` names the field.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, PUBLIC, message)
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, PUBLIC, message)
    }

    /// `query`, `orderBy` or `tags` of a list of companies, connections and the like.
    pub fn bad_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, CLIENTS, message)
    }

    /// `query` or `orderBy` of a list of records or datasets.
    pub fn bad_data_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, PULL, message)
    }

    /// The type has never been read to its end.
    pub fn not_requested() -> Self {
        let message = "The data set has not been requested.";
        Self::new(StatusCode::CONFLICT, PUBLIC, message)
    }

    pub fn not_supported(data_type: DataType, platform: &str) -> Self {
        Self::no_data_type(data_type.key(), platform)
    }

    /// Also for what is no data type at all.
    pub fn no_data_type(asked: &str, platform: &str) -> Self {
        let asked = shortened(asked);
        let message = format!("Datatype {asked} not supported by platform(s) {platform}");
        Self::new(StatusCode::NOT_FOUND, PULL, message)
    }

    pub fn no_data(data_type: DataType, id: &str) -> Self {
        let message = format!("No data available for {data_type} for ID {}", shortened(id));
        Self::new(StatusCode::NOT_FOUND, PUBLIC, message)
    }

    /// A dataset of the type is still being read.
    pub fn already_in_progress(data_type: DataType, company: CompanyId, running: PullId) -> Self {
        let message = format!(
            "DatasetAlreadyInProgressException: Cannot queue {data_type} sync for {company} as previous sync {running} is still in progress"
        );
        Self::new(StatusCode::BAD_REQUEST, PULL, message)
    }

    /// Expenses that cannot be taken as they are; `validation` says why, field by field.
    pub fn invalid(problems: Vec<Problem>) -> Self {
        let message = "There are problems with the request, see the Validation property for more detail.";
        Self {
            problems,
            ..Self::new(StatusCode::BAD_REQUEST, EXPENSES, message)
        }
    }

    /// Of the expenses API: there is nothing of this kind with this id.
    pub fn no_such_expense(what: &str, id: &str) -> Self {
        let message = format!("No {what} was found with ID {}", shortened(id));
        Self::new(StatusCode::NOT_FOUND, EXPENSES, message)
    }

    /// Of the expenses API: the request makes sense, but not now, or not with these books.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, EXPENSES, message)
    }

    /// Of the expenses API: the platform does not answer; the same may be asked again soon.
    pub fn later(message: impl Into<String>) -> Self {
        Self {
            retry_after: Some(30),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, EXPENSES, message)
        }
    }

    pub fn too_many_requests(retry_after: u32) -> Self {
        let message = "You have made too many requests in a given amount of time; please retry later.";
        Self {
            retry_after: Some(retry_after),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, PUBLIC, message)
        }
    }

    /// Something of ours is broken, or away for a moment; the caller learns no more than the correlation id.
    pub fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "The request failed");
        match outage::will_pass(error) {
            true => Self::unavailable(),
            false => Self::broken(),
        }
    }

    fn broken() -> Self {
        let message = "There is a problem with our server. Please try again later.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, PUBLIC, message)
    }

    fn unavailable() -> Self {
        let message = "The API is temporarily not available. Please try again later.";
        Self {
            retry_after: Some(outage::RETRY_AFTER),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, PUBLIC, message)
        }
    }
}

/// Ids are echoed, but nobody gets a page of text back.
fn shortened(id: &str) -> String {
    id.chars().take(64).collect()
}

impl From<ledgerline_store::Error> for Error {
    fn from(error: ledgerline_store::Error) -> Self {
        Self::internal(&error)
    }
}

impl From<connections::Error> for Error {
    fn from(error: connections::Error) -> Self {
        match error {
            connections::Error::UnknownPlatform(_) => {
                Self::bad_request("The field `platformKey` names no platform of this server.")
            }
            connections::Error::AlreadyActive(active) => Self::conflict(format!(
                "The company already has a linked accounting connection: {active}"
            )),
            connections::Error::NotLinked => {
                Self::bad_request("Only a connection whose `status` is `Linked` can be unlinked.")
            }
            connections::Error::Store(_) | connections::Error::Job(_) => Self::internal(&error),
        }
    }
}

impl From<push::Error> for Error {
    fn from(error: push::Error) -> Self {
        match error {
            push::Error::Content(_) => Self::bad_request(format!("The transactions are not valid: {error}.")),
            push::Error::Job(_) => Self::internal(&error),
        }
    }
}

impl From<body::Refused> for Error {
    fn from(refused: body::Refused) -> Self {
        Self::new(refused.status, PUBLIC, refused.message)
    }
}

impl From<auth::Refused> for Error {
    fn from(refused: auth::Refused) -> Self {
        match refused {
            auth::Refused::Unauthorized => Self::unauthorized(),
            auth::Refused::Forbidden => Self::new(
                StatusCode::FORBIDDEN,
                PUBLIC,
                "You are using an outdated API key or a key not associated with that resource.",
            ),
            auth::Refused::Unavailable => Self::unavailable(),
        }
    }
}

/// The error itself travels as an extension: [`render`] knows the correlation id.
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
pub struct ErrorMessage<'a> {
    status_code: u16,
    service: &'a str,
    /// What is wrong, and with which field.
    error: &'a str,
    /// Under which the server's log knows the request.
    correlation_id: &'a str,
    /// Always there: clients fail where the key is missing.
    validation: Option<ErrorValidation>,
    /// `Unknown`, `Yes` or `No`.
    can_be_retried: &'a str,
    detailed_error_code: i32,
}

#[derive(Serialize, ToSchema)]
pub struct ErrorValidation {
    errors: Vec<ErrorValidationItem>,
    warnings: Vec<ErrorValidationItem>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ErrorValidationItem {
    item_id: Option<String>,
    message: Option<String>,
    validator_name: Option<String>,
}

/// Give every refusal, whoever made it, the body of this dialect.
pub async fn render(request: Request, next: Next) -> Response {
    let correlation = request
        .extensions()
        .get::<CorrelationId>()
        .map_or_else(String::new, |id| id.0.clone());
    let mut response = next.run(request).await;
    let Some(error) = refusal(&mut response) else {
        return response;
    };
    let body = ErrorMessage {
        status_code: error.status.as_u16(),
        service: error.service,
        error: &error.message,
        correlation_id: &correlation,
        validation: validation(&error.problems),
        can_be_retried: "Unknown",
        detailed_error_code: 0,
    };
    let mut rendered = (error.status, axum::Json(body)).into_response();
    if let Some(seconds) = error.retry_after {
        rendered
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    // What was said beside the body stays: the methods that are allowed, how many requests are left.
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    std::mem::swap(rendered.extensions_mut(), response.extensions_mut());
    rendered
}

fn validation(problems: &[Problem]) -> Option<ErrorValidation> {
    if problems.is_empty() {
        return None;
    }
    let each = problems.iter().map(|problem| ErrorValidationItem {
        item_id: Some(problem.item.clone()),
        message: Some(problem.message.clone()),
        validator_name: None,
    });
    Some(ErrorValidation {
        errors: each.collect(),
        warnings: Vec::new(),
    })
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
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Error::new(
            StatusCode::METHOD_NOT_ALLOWED,
            PUBLIC,
            "The method is not allowed here; see the header `Allow`.",
        )),
        status if status.is_client_error() || status.is_server_error() => {
            let message = status.canonical_reason().unwrap_or("The request failed");
            Some(Error::new(status, PUBLIC, message))
        }
        _ => None,
    }
}
