use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use ledgerline_platform::pass_through::{self, MAX_BODY, METHODS, REQUEST_HEADERS, Request};
use serde::Deserialize;
use serde_json::value::RawValue;
use url::form_urlencoded::Serializer;
use utoipa::ToSchema;

use crate::accend::errors::Error;

/// A request to the platform itself.
#[derive(Deserialize, ToSchema)]
pub struct PassThroughRequest {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    method: String,
    /// Relative to the platform's API of this organisation, e.g. `/Invoices`.
    path: String,
    /// Texts, numbers and truth values by name.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    query: Option<BTreeMap<String, Box<RawValue>>>,
    /// `Accept`, `Accept-Language`, `If-Match`, `If-None-Match`, `If-Modified-Since`.
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    /// The body: JSON, or a text that is sent as it is.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    data: Option<Box<RawValue>>,
    /// What `data` is: `JSON`, `XML`, `FORM` or `MULTIPART`; `JSON` without a word.
    #[serde(default)]
    request_format: Option<String>,
    /// `auto`, or `base64` for the answer's bytes.
    #[serde(default)]
    response_format: Option<String>,
    /// Sent as the header `Idempotency-Key`.
    #[serde(default)]
    idempotency_key: Option<String>,
}

impl PassThroughRequest {
    pub fn request(&self) -> Result<Request, Error> {
        let method = METHODS
            .into_iter()
            .find(|method| method.as_str().eq_ignore_ascii_case(&self.method))
            .ok_or_else(|| Error::bad_field("method", "it has to be GET, POST, PUT, PATCH or DELETE"))?;
        let path = self.path.parse();
        let path = path.map_err(|unfit: pass_through::Unfit| Error::bad_field("path", unfit.to_string()))?;
        let (mut headers, query) = (self.headers()?, self.query()?);
        let body = match &self.data {
            None => Bytes::new(),
            Some(_) if method == Method::GET => {
                return Err(Error::bad_field("data", "a GET has none"));
            }
            Some(data) => {
                let (content_type, body) = self.body(data)?;
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
                body
            }
        };
        if body.len() > MAX_BODY {
            return Err(Error::bad_field(
                "data",
                format!("it has more than {MAX_BODY} bytes"),
            ));
        }
        Ok(Request {
            method,
            path,
            query,
            headers,
            body,
        })
    }

    /// Whether the answer is to come as bytes, whatever it is.
    pub fn wants_bytes(&self) -> Result<bool, Error> {
        match self.response_format.as_deref() {
            None | Some("auto") => Ok(false),
            Some("base64") => Ok(true),
            Some(_) => Err(Error::bad_field(
                "response_format",
                "it has to be `auto` or `base64`",
            )),
        }
    }

    fn headers(&self) -> Result<HeaderMap, Error> {
        let key = self.idempotency_key.iter().map(|key| ("idempotency-key", key));
        let given = self
            .headers
            .iter()
            .flatten()
            .map(|(name, value)| (name.as_str(), value));
        let mut headers = HeaderMap::new();
        for (name, value) in given.chain(key) {
            let Some((name, value)) = pass_through::header(name, value) else {
                let name: String = name
                    .chars()
                    .filter(|character| !character.is_control())
                    .take(64)
                    .collect();
                return Err(Error::bad_field(
                    "headers",
                    format!(
                        "`{name}` does not pass, or not with this value; {} do",
                        REQUEST_HEADERS.join(", ")
                    ),
                ));
            };
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn query(&self) -> Result<Vec<(String, String)>, Error> {
        let given = self.query.iter().flatten();
        given
            .map(|(name, value)| {
                let text = scalar(value).ok_or_else(|| {
                    Error::bad_field("query", "its values have to be texts, numbers, `true` or `false`")
                })?;
                Ok((name.clone(), text))
            })
            .collect()
    }

    fn body(&self, data: &RawValue) -> Result<(&'static str, Bytes), Error> {
        let text = || serde_json::from_str::<String>(data.get()).ok();
        let fields = || {
            let fields = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(data.get()).ok()?;
            let fields = fields
                .into_iter()
                .map(|(name, value)| Some((name, scalar(&value)?)));
            fields.collect::<Option<Vec<_>>>()
        };
        let unfit =
            |what| Error::bad_field("data", format!("with this `request_format` it has to be {what}"));
        match self.request_format.as_deref().unwrap_or("JSON") {
            // A text is a body that was serialised already; anything else is sent byte for byte.
            "JSON" => Ok((
                "application/json",
                text().unwrap_or_else(|| data.get().to_owned()).into(),
            )),
            "XML" => Ok(("application/xml", text().ok_or_else(|| unfit("a text"))?.into())),
            "FORM" => {
                let body = match text() {
                    Some(text) => text,
                    None => Serializer::new(String::new())
                        .extend_pairs(fields().ok_or_else(|| unfit("a text, or an object of texts"))?)
                        .finish(),
                };
                Ok(("application/x-www-form-urlencoded", body.into()))
            }
            "MULTIPART" => {
                let fields = fields().ok_or_else(|| unfit("an object of texts"))?;
                Ok((
                    MULTIPART,
                    multipart(&fields).ok_or_else(|| unfit("an object of plain names"))?,
                ))
            }
            _ => Err(Error::bad_field(
                "request_format",
                "it has to be `JSON`, `XML`, `FORM` or `MULTIPART`",
            )),
        }
    }
}

const BOUNDARY: &str = "ledgerline-5c1a5d0e7f";
const MULTIPART: &str = "multipart/form-data; boundary=ledgerline-5c1a5d0e7f";

/// RFC 7578; `None` if a name or value would end its part.
fn multipart(fields: &[(String, String)]) -> Option<Bytes> {
    let mut body = String::new();
    for (name, value) in fields {
        let is_plain = !name.contains(['"', '\r', '\n']) && !value.contains(BOUNDARY);
        if !is_plain {
            return None;
        }
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        ));
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    Some(body.into())
}

/// A text, number or truth value as it is written without quotes.
fn scalar(value: &RawValue) -> Option<String> {
    match value.get().as_bytes().first()? {
        b'"' => serde_json::from_str(value.get()).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(value.get().to_owned()),
    }
}
