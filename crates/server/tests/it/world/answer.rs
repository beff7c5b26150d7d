use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use regex_lite::Regex;

/// An HTTP answer of the server.
pub struct Answer {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn of(answer: http::Response<Bytes>) -> Self {
        let (parts, body) = answer.into_parts();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// The body as JSON; only for what holds no money.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails unless the answer has this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }
}

/// Status line and body, with ids and instants replaced by names: the same id has the same name.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} {}",
            self.status.as_u16(),
            self.status.canonical_reason().unwrap_or("")
        )?;
        f.write_str(&redact(&self.body))
    }
}

fn redact(body: &str) -> String {
    let correlation = Regex::new(r#""correlationId":"[0-9a-f]{32}""#).unwrap();
    let body = correlation.replace_all(body, r#""correlationId":"[id]""#);
    let link = Regex::new(r"/link/s/[A-Za-z0-9_-]+").unwrap();
    let body = link.replace_all(&body, "/link/s/[token]");
    let at = Regex::new(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z").unwrap();
    let body = at.replace_all(&body, "[at]");
    let uuid = Regex::new(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}").unwrap();
    let mut names = BTreeMap::new();
    uuid.replace_all(&body, |found: &regex_lite::Captures<'_>| {
        let next = names.len() + 1;
        format!("[id {}]", names.entry(found[0].to_owned()).or_insert(next))
    })
    .into_owned()
}
