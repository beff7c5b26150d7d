use std::sync::Arc;

use anyhow::{Context, ensure};
use bytes::Bytes;
use ledgerline_platform::http::{Answer, Http, Network};
use serde_json::Value;

/// A client of JSON interfaces.
pub struct Web {
    http: Http,
    key: Option<String>,
}

impl Web {
    pub fn new(key: Option<String>) -> anyhow::Result<Self> {
        Ok(Self {
            http: Http::new(Arc::new(Network::new()?)),
            key,
        })
    }

    pub async fn get(&self, url: &str) -> anyhow::Result<Value> {
        json(
            &self.send(http::Request::get(url), "", "application/json").await?,
            url,
        )
    }

    pub async fn post(&self, url: &str, body: &Value) -> anyhow::Result<Value> {
        json(
            &self
                .send(http::Request::post(url), &body.to_string(), "application/json")
                .await?,
            url,
        )
    }

    /// What is answered as text.
    pub async fn text(&self, url: &str) -> anyhow::Result<String> {
        let answer = self.send(http::Request::get(url), "", "text/plain").await?;
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Where the answer to a form leads.
    pub async fn submit(&self, url: &str, form: &str) -> anyhow::Result<String> {
        let answer = self
            .send(
                http::Request::post(url),
                form,
                "application/x-www-form-urlencoded",
            )
            .await?;
        let location = answer.header("location");
        Ok(location
            .with_context(|| format!("{url} answered {}", answer.status))?
            .to_owned())
    }

    async fn send(
        &self,
        mut request: http::request::Builder,
        body: &str,
        content_type: &str,
    ) -> anyhow::Result<Answer> {
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let request = request
            .header("content-type", content_type)
            .header("accept", "application/json")
            .body(Bytes::copy_from_slice(body.as_bytes()))?;
        Ok(self.http.send(request).await?)
    }
}

fn json(answer: &Answer, url: &str) -> anyhow::Result<Value> {
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status.is_success(),
        "{url} answered {}: {text}",
        answer.status
    );
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&text).with_context(|| format!("{url} answered no JSON"))
}
