use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;
use url::Url;

/// A webhook receiver on loopback that checks signatures with the official library.
pub struct Listener {
    pub url: Url,
    heard: Arc<Mutex<All>>,
}

#[derive(Default)]
struct All {
    secret: Option<String>,
    events: Vec<Heard>,
    refused: u32,
}

/// An event that came with a good signature.
#[derive(serde::Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub struct Heard {
    pub event_type: String,
    #[serde(default)]
    pub payload: serde_json::Value,
}

pub async fn start() -> anyhow::Result<Listener> {
    let heard = Arc::new(Mutex::new(All::default()));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}/hook", listener.local_addr()?).parse()?;
    let router = Router::new()
        .route("/hook", post(receive))
        .with_state(heard.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(Listener { url, heard })
}

impl Listener {
    /// From here on signatures are checked with this secret.
    pub fn trust(&self, secret: String) {
        self.lock().secret = Some(secret);
    }

    /// What came with a good signature, in order.
    pub fn heard(&self) -> Vec<Heard> {
        self.lock().events.clone()
    }

    /// How many came with a bad one.
    pub fn refused(&self) -> u32 {
        self.lock().refused
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, All> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(State(heard): State<Arc<Mutex<All>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let verified = heard
        .secret
        .as_deref()
        .and_then(|secret| Webhook::new(secret).ok())
        .is_some_and(|webhook| webhook.verify(&body, &headers).is_ok());
    match serde_json::from_slice(&body) {
        Ok(event) if verified => {
            heard.events.push(event);
            StatusCode::NO_CONTENT
        }
        _ => {
            heard.refused += 1;
            StatusCode::BAD_REQUEST
        }
    }
}
