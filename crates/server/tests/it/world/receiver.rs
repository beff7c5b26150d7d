use std::sync::{Arc, Mutex};

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
    state: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    /// What it answers; 204 unless told otherwise.
    answer: Option<u16>,
    messages: Vec<Message>,
}

#[derive(Clone, Debug)]
pub struct Message {
    pub headers: HeaderMap,
    pub body: String,
}

impl Message {
    /// Fails unless it is signed with this secret. The world's clock stands in a past that `verify` would not accept:
    /// it is signed anew, and compared.
    #[track_caller]
    pub fn assert_signed(&self, secret: &str) {
        let header = |name: &str| self.headers[name].to_str().unwrap();
        let signed = Webhook::new(secret).unwrap().sign(
            header("webhook-id"),
            header("webhook-timestamp").parse().unwrap(),
            self.body.as_bytes(),
        );
        assert_eq!(header("webhook-signature"), signed.unwrap());
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(Heard::default()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/hook", post(receive))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    pub fn answer_with(&self, status: u16) {
        self.state.lock().unwrap().answer = Some(status);
    }

    pub fn messages(&self) -> Vec<Message> {
        self.state.lock().unwrap().messages.clone()
    }
}

async fn receive(State(state): State<Arc<Mutex<Heard>>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let mut heard = state.lock().unwrap();
    heard.messages.push(Message {
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    StatusCode::from_u16(heard.answer.unwrap_or(204)).unwrap()
}
