use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use bytes::Bytes;
use ledgerline_model::{Clock, Timestamp};
use ledgerline_platform::Sent;
use ledgerline_platform::http::{Failure, Transport};
use ledgerline_sandbox::Sandbox;
use tower::ServiceExt;

/// Requests travel within the process: no sockets.
pub struct InProcess(pub axum::Router);

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let lost = |_| Failure {
            sent: Sent::Maybe,
            reason: "the connection broke".into(),
        };
        let answer = self.0.clone().oneshot(request.map(Body::from)).await;
        let (parts, body) = answer.unwrap_or_else(|never| match never {}).into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.map_err(lost)?;
        Ok(http::Response::from_parts(parts, body))
    }
}

/// The sandbox's time is everybody's; whoever sleeps wakes at once.
pub(super) struct SandboxTime(pub Arc<Sandbox>);

impl Clock for SandboxTime {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    fn sleep_until(&self, _: Timestamp) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(std::future::ready(()))
    }
}
