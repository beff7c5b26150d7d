use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use ledgerline_platform::http::{Http, Network};
use serde_json::Value;

/// A client of JSON interfaces.
#[derive(Clone)]
pub struct Web {
    http: Http,
    key: String,
}

/// What a server answered.
pub struct Answer {
    pub status: u16,
    pub body: Bytes,
}

/// A server that is stopped answers nobody.
const PATIENCE: Duration = Duration::from_secs(20);

impl Web {
    pub fn new(key: String) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(Arc::new(Network::new()?)),
            key,
        })
    }

    /// `None`: nobody answered.
    pub async fn ask(&self, method: &str, url: &str, body: Option<&Value>) -> anyhow::Result<Option<Answer>> {
        let request = http::Request::builder()
            .method(method)
            .uri(url)
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .body(Bytes::from(body.map(Value::to_string).unwrap_or_default()))?;
        let answer = tokio::time::timeout(PATIENCE, self.http.send(request)).await;
        Ok(answer.ok().and_then(Result::ok).map(|answer| Answer {
            status: answer.status.as_u16(),
            body: Bytes::copy_from_slice(&answer.body),
        }))
    }

    /// The JSON of a good answer; anything else is an error.
    pub async fn call(&self, method: &str, url: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let Some(answer) = self.ask(method, url, body).await? else {
            bail!("nobody answers {method} {url}");
        };
        answer.json().with_context(|| format!("{method} {url}"))
    }

    pub async fn get(&self, url: &str) -> anyhow::Result<Value> {
        self.call("GET", url, None).await
    }

    pub async fn post(&self, url: &str, body: &Value) -> anyhow::Result<Value> {
        self.call("POST", url, Some(body)).await
    }
}

impl Answer {
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> anyhow::Result<Value> {
        if !self.is_good() {
            bail!("{}: {}", self.status, self.text());
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).context("no JSON")
    }
}
