use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;

use super::{Failure, MAX_BODY, MaxBody, Transport};
use crate::Sent;

/// Requests over the network.
pub struct Network {
    client: reqwest::Client,
}

impl Network {
    /// 10 s to connect, 30 s of silence, 300 s in all; no redirects, so that no token follows one; no
    /// proxy out of the environment.
    #[expect(clippy::disallowed_methods, reason = "this is the door")]
    pub fn new() -> Result<Self, reqwest::Error> {
        // Fails where somebody installed one already, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .use_rustls_tls()
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(Duration::from_secs(30))
            .timeout(Duration::from_secs(300))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("ledgerline/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Transport for Network {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, Failure> {
        let longest = request
            .extensions()
            .get::<MaxBody>()
            .map_or(MAX_BODY, |longest| longest.0);
        let request = reqwest::Request::try_from(request).map_err(|error| failure(&error))?;
        let answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| failure(&error))?;
        let status = answer.status();
        let headers = answer.headers().clone();
        // Known beforehand, it is not copied as it grows.
        let announced = answer.content_length().unwrap_or_default();
        let mut body = BytesMut::with_capacity(usize::try_from(announced).unwrap_or(longest).min(longest));
        let mut stream = answer.bytes_stream();
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| failure(&error))?;
            if body.len() + chunk.len() > longest {
                let reason = format!("the answer is larger than {longest} bytes");
                return Err(Failure {
                    sent: Sent::Maybe,
                    reason,
                });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = http::Response::new(body.freeze());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// Only a connection that was never made is certain not to have carried the request.
fn failure(error: &reqwest::Error) -> Failure {
    let (sent, reason) = if error.is_connect() {
        (Sent::Never, "the connection could not be made")
    } else if error.is_timeout() {
        (Sent::Maybe, "no answer came in time")
    } else if error.is_builder() {
        (Sent::Never, "the request is not valid")
    } else {
        (Sent::Maybe, "the connection broke")
    };
    Failure {
        sent,
        reason: reason.into(),
    }
}
