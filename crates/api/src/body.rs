use std::fmt;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

/// No body is larger than this unless its handler says otherwise; the longest legal ones are a few kilobytes.
pub const LIMIT: usize = 1024 * 1024;

/// A JSON body that can be nothing but a `T`, of at most `MAX` bytes.
pub struct Json<T, const MAX: usize = LIMIT>(pub T);

/// Why a body cannot be taken; each dialect prints it in its own shape.
#[derive(Clone, Debug)]
pub struct Refused {
    pub status: StatusCode,
    /// For the caller: names the field where there is one.
    pub message: String,
    /// Path of the field that is wrong, where there is one, e.g. `lines[0].amount`.
    pub field: Option<String>,
}

impl<S: Send + Sync, T: DeserializeOwned, const MAX: usize> FromRequest<S> for Json<T, MAX> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        check_type(request.headers())?;
        let bytes = read(request.into_body(), MAX).await?;
        parse(&bytes).map(Self)
    }
}

/// No body is `None`, whatever its type.
impl<S: Send + Sync, T: DeserializeOwned, const MAX: usize> OptionalFromRequest<S> for Json<T, MAX> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Option<Self>, Refused> {
        let (parts, body) = request.into_parts();
        let bytes = read(body, MAX).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        check_type(&parts.headers)?;
        parse(&bytes).map(|value| Some(Self(value)))
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), Refused> {
    if is_json(headers) {
        return Ok(());
    }
    Err(Refused {
        status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
        message: "The body has to be JSON, with the header `Content-Type: application/json`.".into(),
        field: None,
    })
}

/// Tells a null from a field that is absent, with `#[serde(default, deserialize_with = "given")]`.
pub fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Parse a body; the message names the path of what is wrong.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let bad = |message, field| Refused {
        status: StatusCode::BAD_REQUEST,
        message,
        field,
    };
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        // The path of the whole, and that of a place where the text breaks off.
        if path == "." || path == "?" {
            bad(format!("The body is not valid: {cause}."), None)
        } else {
            bad(format!("The field `{path}` is not valid: {cause}."), Some(path))
        }
    })?;
    json.end()
        .map_err(|error| bad(format!("The body is not valid: {error}."), None))?;
    Ok(value)
}

/// The whole body, if it is no larger.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Refused> {
    let collected = Limited::new(body, limit).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            Refused {
                status: StatusCode::PAYLOAD_TOO_LARGE,
                message: format!("The body is larger than {limit} bytes."),
                field: None,
            }
        } else {
            Refused {
                status: StatusCode::BAD_REQUEST,
                message: "The body ended early.".into(),
                field: None,
            }
        }
    })?;
    Ok(collected.to_bytes())
}

/// `application/json`, with or without parameters, and the `+json` types.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
        || essence == "text/json"
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
