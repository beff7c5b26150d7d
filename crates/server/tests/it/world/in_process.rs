use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use bytes::Bytes;
use ledgerline_platform::http::{Failure, Transport};
use ledgerline_platform_testing::InProcess;

/// What becomes of the platforms' answers on their way: given the path that was asked for.
#[derive(Clone, Default)]
pub struct Tamper(Arc<Mutex<Option<Change>>>);

type Change = Box<dyn Fn(&str, &mut http::Response<Bytes>) + Send>;

impl Tamper {
    /// From now on, instead of what was before.
    pub fn with(&self, change: impl Fn(&str, &mut http::Response<Bytes>) + Send + 'static) {
        *self.0.lock().unwrap() = Some(Box::new(change));
    }

    pub fn stop(&self) {
        *self.0.lock().unwrap() = None;
    }
}

/// The way to the platforms, with somebody on it.
pub struct Tampered(pub InProcess, pub Tamper);

#[async_trait]
impl Transport for Tampered {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let path = request.uri().path().to_owned();
        let mut answer = self.0.send(request).await?;
        if let Some(change) = &*self.1.0.lock().unwrap() {
            change(&path, &mut answer);
        }
        Ok(answer)
    }
}

pub async fn call(router: &Router, request: http::Request<Bytes>) -> http::Response<Bytes> {
    InProcess(router.clone()).send(request).await.unwrap()
}
