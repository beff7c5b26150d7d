use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use ledgerline_platform::Sent;
use ledgerline_platform::http::{Failure, Transport};
use tower::ServiceExt;

/// Requests travel within the process: no sockets.
pub struct InProcess(pub Router);

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

pub async fn call(router: &Router, request: http::Request<Bytes>) -> http::Response<Bytes> {
    InProcess(router.clone()).send(request).await.unwrap()
}
