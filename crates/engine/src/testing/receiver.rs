use std::sync::Mutex;

use async_trait::async_trait;
use bytes::Bytes;

use crate::deliver::{Reach, Received, Transport};

/// Answers as told, and keeps what it heard.
#[derive(Default)]
pub struct Receiver(Mutex<State>);

#[derive(Default)]
struct State {
    /// `None`: no answer.
    answer: Option<u16>,
    heard: Vec<http::Request<Bytes>>,
}

impl Receiver {
    pub fn answer(&self, status: Option<u16>) {
        self.0.lock().unwrap().answer = status;
    }

    /// What it was sent since the last look, whatever it answered.
    pub fn heard(&self) -> Vec<http::Request<Bytes>> {
        std::mem::take(&mut self.0.lock().unwrap().heard)
    }
}

#[async_trait]
impl Transport for Receiver {
    async fn post(&self, _: Reach, request: http::Request<Bytes>) -> Result<Received, String> {
        let mut state = self.0.lock().unwrap();
        state.heard.push(request);
        let status = state.answer.ok_or("no answer came")?;
        Ok(Received {
            status: http::StatusCode::from_u16(status).unwrap(),
            retry_after: None,
        })
    }
}
