use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// A refusal, in the platform's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    kind: &'static str,
    code: &'static str,
    message: String,
    detail: String,
    element: &'static str,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "ValidationFault",
            code,
            message: message.into(),
            detail: detail.into(),
            element: "",
        }
    }

    /// The query is no query.
    pub(super) fn unreadable_query(detail: impl Into<String>) -> Self {
        Self::new(
            "4000",
            "Error parsing query",
            format!("QueryParserError: {}", detail.into()),
        )
    }

    /// The query asks for what there is not.
    pub(super) fn query(detail: impl Into<String>) -> Self {
        Self::new(
            "4001",
            "Invalid query",
            format!("QueryValidationError: {}", detail.into()),
        )
    }

    pub(super) fn not_found(entity: &str) -> Self {
        Self::new(
            "610",
            "Object Not Found",
            format!(
                "Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees. ({entity})"
            ),
        )
    }

    pub(super) fn missing(element: &'static str) -> Self {
        Self {
            element,
            ..Self::new(
                "2020",
                "Required param missing, need to supply the required value for the API",
                format!("Required parameter {element} is missing in the request"),
            )
        }
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(
            "2010",
            "Request has invalid or unsupported property",
            format!("Property Name:{}", detail.into()),
        )
    }

    pub(super) fn reference(what: &str, id: &str) -> Self {
        Self::new(
            "2500",
            "Invalid Reference Id",
            format!("Invalid Reference Id : {what} element id {id} not found"),
        )
    }

    pub(super) fn length(element: &'static str, most: usize, found: usize) -> Self {
        Self {
            element,
            ..Self::new(
                "2050",
                "String length is either shorter or longer than supported by specification",
                format!(
                    "String length is either shorter or longer than supported by specification : Max allowed length is {most}, found {found}"
                ),
            )
        }
    }

    pub(super) fn stale() -> Self {
        Self::new(
            "5010",
            "Stale Object Error",
            "Stale Object Error : You and someone else were working on this at the same time. They finished before you did, so your work was not saved.",
        )
    }

    /// The books do not allow it.
    pub(super) fn business(detail: impl Into<String>) -> Self {
        Self::new(
            "6000",
            "A business validation error has occurred while processing your request",
            format!("Business Validation Error: {}", detail.into()),
        )
    }

    /// What the platform could do, and this simulator does not.
    pub(super) fn not_simulated(what: &str) -> Self {
        Self::business(format!("the sandbox has no {what}"))
    }

    pub(super) fn unsupported(operation: &str) -> Self {
        Self::new(
            "500",
            "Unsupported Operation",
            format!("Operation {operation} is not supported."),
        )
    }

    pub(super) fn closed_period() -> Self {
        Self::new(
            "6210",
            "Account Period Closed, Cannot Update Through Services API",
            "Account Period Closed, Cannot Update Through Services API : The account period has closed and the account books cannot be updated through the QBO Services API.",
        )
    }

    pub(super) fn duplicate_name(id: &str) -> Self {
        Self::new(
            "6240",
            "Duplicate Name Exists Error",
            format!("The name supplied already exists. : Id={id}"),
        )
    }

    pub(super) fn permission() -> Self {
        Self {
            status: StatusCode::FORBIDDEN,
            ..Self::new(
                "5020",
                "Permission Denied Error",
                "Permission Denied Error : You do not have permission to access the requested item.",
            )
        }
    }

    /// Something else than the request is wrong.
    pub(super) fn system(status: StatusCode) -> Self {
        Self {
            status,
            kind: "SystemFault",
            ..Self::new(
                "10000",
                "An application error has occurred while processing your request",
                "System Failure Error: An unexpected error occurred while accessing or saving your data",
            )
        }
    }

    pub(super) fn throttled() -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            kind: "SERVICE",
            ..Self::new(
                "3001",
                "message=ThrottleExceeded; errorCode=003001; statusCode=429",
                "The request limit was reached.  Try again later",
            )
        }
    }

    /// Changes are asked for of too long ago, or of what has no changes.
    pub(super) fn changes(detail: impl Into<String>) -> Self {
        Self::new("2030", "Invalid Cdc Request", detail)
    }

    pub(super) fn at(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// What stands under `Fault`.
    pub(super) fn json(&self) -> Value {
        json!({
            "Error": [{ "Message": self.message, "Detail": self.detail, "code": self.code, "element": self.element }],
            "type": self.kind,
        })
    }
}

/// The token does not let in; the answer has another shape than everything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    BadToken,
    ExpiredToken,
    WrongCompany,
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        let (status, code, message, detail, kind) = match self {
            Self::BadToken => (
                StatusCode::UNAUTHORIZED,
                "3200",
                "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                "Malformed bearer token: access token not found",
                "AUTHENTICATION",
            ),
            Self::ExpiredToken => (
                StatusCode::UNAUTHORIZED,
                "3200",
                "message=AuthenticationFailed; errorCode=003200; statusCode=401",
                "Token expired: access token is no longer valid",
                "AUTHENTICATION",
            ),
            Self::WrongCompany => (
                StatusCode::FORBIDDEN,
                "3100",
                "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
                "The application is not authorized for this company",
                "AUTHORIZATION",
            ),
        };
        let body = json!({
            "warnings": null,
            "intuitObject": null,
            "fault": {
                "error": [{ "message": message, "detail": detail, "code": code, "element": null }],
                "type": kind,
            },
            "report": null,
            "queryResponse": null,
            "batchItemResponse": [],
            "attachableResponse": [],
            "syncErrorResponse": null,
            "requestId": null,
            "time": null,
            "status": null,
            "cdcresponse": [],
        });
        json_response(status, &body)
    }
}

pub(super) fn json_response(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let json = HeaderValue::from_static("application/json;charset=UTF-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
