use anyhow::{Context, ensure};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::world::World;

/// Calls the Codat dialect as an app would.
pub struct Client<'a> {
    world: &'a World,
}

#[derive(Deserialize)]
pub struct Company {
    pub id: String,
    pub name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Connection {
    pub id: String,
    pub link_url: Url,
    pub status: String,
}

#[derive(Deserialize)]
pub struct Webhook {
    pub secret: String,
}

/// One page of a list.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    pub results: Vec<T>,
    pub total_results: u64,
}

impl<'a> Client<'a> {
    pub fn new(world: &'a World) -> Self {
        Self { world }
    }

    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let body = self.call(http::Method::GET, path, None).await?;
        serde_json::from_slice(&body).with_context(|| format!("`GET {path}` answered something else"))
    }

    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> anyhow::Result<T> {
        let answer = self.submit(path, body).await?;
        serde_json::from_slice(&answer).with_context(|| format!("`POST {path}` answered something else"))
    }

    /// A POST whose answer matters only by its status.
    pub async fn submit(&self, path: &str, body: &impl Serialize) -> anyhow::Result<Bytes> {
        let body = serde_json::to_vec(body)?;
        self.call(http::Method::POST, path, Some(body)).await
    }

    /// The same, without a body.
    pub async fn order(&self, path: &str) -> anyhow::Result<()> {
        self.call(http::Method::POST, path, None).await.map(drop)
    }

    async fn call(&self, method: http::Method, path: &str, body: Option<Vec<u8>>) -> anyhow::Result<Bytes> {
        let url = self.world.base.join(path)?;
        let mut request = http::Request::builder()
            .method(&method)
            .uri(url.as_str())
            .header("authorization", format!("Bearer {}", self.world.key.expose()));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.unwrap_or_default();
        let answer = self.world.http().send(request.body(Bytes::from(body))?).await?;
        let text = String::from_utf8_lossy(&answer.body);
        ensure!(
            answer.status.is_success(),
            "`{method} {path}` answered {}: {text}",
            answer.status
        );
        Ok(answer.body)
    }
}

/// Calls the sandbox's control API.
pub async fn control<T: DeserializeOwned>(
    world: &World,
    method: http::Method,
    path: &str,
    body: Option<serde_json::Value>,
) -> anyhow::Result<T> {
    let url = world.sandbox.join(path)?;
    let request = http::Request::builder()
        .method(&method)
        .uri(url.as_str())
        .header("content-type", "application/json")
        .body(Bytes::from(body.map(|body| body.to_string()).unwrap_or_default()))?;
    let answer = world.http().send(request).await?;
    let text = String::from_utf8_lossy(&answer.body);
    ensure!(
        answer.status.is_success(),
        "`{method} {path}` answered {}: {text}",
        answer.status
    );
    serde_json::from_slice(&answer.body).with_context(|| format!("`{method} {path}` answered something else"))
}
