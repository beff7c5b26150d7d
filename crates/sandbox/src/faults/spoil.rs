//! How an answer is spoiled on its way.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::BodyExt;

/// Half of the body, then the connection is cut.
pub(super) async fn reset(response: Response) -> Response {
    let (mut head, body) = taken(response).await;
    head.headers.remove(header::CONTENT_LENGTH);
    let half = body.slice(..body.len() / 2);
    let pieces = [
        Ok(half),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    Response::from_parts(head, Body::from_stream(futures::stream::iter(pieces)))
}

/// Half of the body, as if that were all.
pub(super) async fn truncated(response: Response) -> Response {
    let (mut head, body) = taken(response).await;
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(body.slice(..body.len() / 2)))
}

/// The whole body, but for one byte in its middle that no JSON has.
pub(super) async fn malformed(response: Response) -> Response {
    let (head, body) = taken(response).await;
    let mut bytes = body.to_vec();
    let middle = bytes.len() / 2;
    if let Some(byte) = bytes.get_mut(middle) {
        *byte = 0x01;
    }
    Response::from_parts(head, Body::from(bytes))
}

/// What a proxy shows when it is unhappy and says 200 all the same.
pub(super) fn html() -> Response {
    let page = "<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>We will be back soon</h1></body></html>";
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::OK;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html; charset=utf-8"),
    );
    response
}

async fn taken(response: Response) -> (http::response::Parts, Bytes) {
    let (head, body) = response.into_parts();
    let bytes = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    (head, bytes)
}
