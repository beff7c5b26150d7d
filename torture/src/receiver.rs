use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use standardwebhooks::Webhook;
use tokio::net::TcpListener;

/// A webhook receiver on loopback.
pub struct Receiver {
    pub url: String,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    secret: Option<Webhook>,
    /// It is down: everything is answered with 500.
    down: bool,
    ids: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Receiver {
    pub async fn start() -> anyhow::Result<Self> {
        let heard = Arc::new(Mutex::new(Heard::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let router = Router::new()
            .route("/hook", post(receive))
            .with_state(heard.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { url, heard })
    }

    /// What signatures are checked with.
    pub fn verify_with(&self, secret: &str) -> anyhow::Result<()> {
        self.lock().secret = Some(Webhook::new(secret)?);
        Ok(())
    }

    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    /// The `webhook-id`s that were accepted.
    pub fn ids(&self) -> BTreeSet<String> {
        self.lock().ids.clone()
    }

    /// What was heard and not signed by us.
    pub fn wrong(&self) -> Vec<String> {
        self.lock().wrong.clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn receive(State(heard): State<Arc<Mutex<Heard>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    if heard.down {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    let id = id.unwrap_or_default().to_owned();
    let verified = heard.secret.as_ref().map(|secret| secret.verify(&body, &headers));
    if let Some(Err(error)) = verified {
        heard.wrong.push(format!("webhook {id}: {error}"));
    }
    heard.ids.insert(id);
    StatusCode::NO_CONTENT
}
