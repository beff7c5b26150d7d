use std::fmt;

use axum::body::Body;
use axum::extract::{FromRequestParts, OriginalUri, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, Method, StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use ledgerline_engine::signing;
use ledgerline_model::Secret;
use sha2::Sha256;

use super::errors::Error;
use crate::Api;
use crate::auth::Caller;

const SIGNATURE: &str = "x-signature";
const TIMESTAMP: &str = "x-timestamp";

/// How far the client's clock may be off, in milliseconds.
const TOLERANCE: i64 = 5 * 60 * 1000;

/// A signed body is read whole before it is handled: no route takes more than a file of 10 MB and its form.
const LARGEST: usize = 11 * 1024 * 1024;

/// Why a signature is not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unsigned {
    /// One header without the other.
    Half,
    Timestamp,
    Expired,
    /// The app was never given a client secret.
    NoSecret,
    Mismatch,
}

impl fmt::Display for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Half => "X-Signature and X-Timestamp go together",
            Self::Timestamp => "X-Timestamp has to be Unix time in milliseconds",
            Self::Expired => "X-Timestamp is more than 5 minutes off",
            Self::NoSecret => "this app has no client secret",
            Self::Mismatch => {
                "X-Signature has to be the hex HMAC-SHA256 of method, path, body and timestamp by the client secret"
            }
        })
    }
}

/// Verify the signature of a request that has one; a request with neither header is let through.
pub async fn verify(State(api): State<Api>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !headers.contains_key(SIGNATURE) && !headers.contains_key(TIMESTAMP) {
        return next.run(request).await;
    }
    match verified(&api, request).await {
        Ok(request) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

async fn verified(api: &Api, request: Request) -> Result<Request, Error> {
    let (mut parts, body) = request.into_parts();
    let caller = Caller::from_request_parts(&mut parts, api).await?;
    let (signature, timestamp) = presented(&parts.headers)?;
    check_time(&timestamp, api.engine.real_now().as_millisecond())?;
    let mut tx = api.engine.store.read().await?;
    let secret = signing::find_client_secret(&mut tx, caller.app, caller.environment).await?;
    drop(tx);
    let secret = secret.ok_or(Unsigned::NoSecret)?;
    let collected = Limited::new(body, LARGEST).collect().await;
    let body = collected
        .map_err(|_| {
            let text = format!("The body ended early, or is larger than {LARGEST} bytes");
            Error::new(StatusCode::PAYLOAD_TOO_LARGE, text)
        })?
        .to_bytes();
    // As the client sent it, not as the router reads it.
    let original = parts.extensions.get::<OriginalUri>();
    let uri = original.map_or(&parts.uri, |original| &original.0);
    let is_ours = targets(uri).into_iter().any(|target| {
        let signed = Signed {
            method: &parts.method,
            target,
            body: &body,
            timestamp: &timestamp,
        };
        signed.is_by(&secret, &signature)
    });
    if !is_ours {
        return Err(Unsigned::Mismatch.into());
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// The signature as bytes, and the timestamp as it was sent.
fn presented(headers: &HeaderMap) -> Result<(Vec<u8>, String), Unsigned> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(SIGNATURE), text(TIMESTAMP)) {
        (Some(signature), Some(timestamp)) => {
            let signature = from_hex(signature.trim()).ok_or(Unsigned::Mismatch)?;
            Ok((signature, timestamp.trim().to_owned()))
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => Err(Unsigned::Half),
    }
}

fn check_time(timestamp: &str, now: i64) -> Result<(), Unsigned> {
    let at: i64 = timestamp.parse().map_err(|_| Unsigned::Timestamp)?;
    if at.abs_diff(now) > TOLERANCE.unsigned_abs() {
        return Err(Unsigned::Expired);
    }
    Ok(())
}

/// What may have been signed as the path: the documentation does not say whether the query string belongs to it.
fn targets(uri: &Uri) -> [&str; 2] {
    [
        uri.path_and_query().map_or(uri.path(), |whole| whole.as_str()),
        uri.path(),
    ]
}

/// What a signature is about, without anything between the parts.
struct Signed<'a> {
    method: &'a Method,
    target: &'a str,
    body: &'a [u8],
    timestamp: &'a str,
}

impl Signed<'_> {
    /// In constant time.
    fn is_by(&self, secret: &Secret, signature: &[u8]) -> bool {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).expect("any length will do");
        mac.update(self.method.as_str().as_bytes());
        mac.update(self.target.as_bytes());
        mac.update(self.body);
        mac.update(self.timestamp.as_bytes());
        mac.verify_slice(signature).is_ok()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_parts_are_signed_in_their_order() {
        let secret = Secret::new("cs_test_made_up");
        let post = Signed {
            method: &Method::POST,
            target: "/v1/companies",
            body: br#"{"name":"Kern"}"#,
            timestamp: "1790000000000",
        };
        // echo -n 'POST/v1/companies{"name":"Kern"}1790000000000' | openssl dgst -sha256 -hmac cs_test_made_up
        let by_openssl = "e0e90f4d984ec2cd4b2cd8fc29e8feae885fa042d5dc969cd94f7998af08ce1d";
        let signature = from_hex(by_openssl).unwrap();
        assert!(post.is_by(&secret, &signature));
        assert!(post.is_by(&secret, &from_hex(&by_openssl.to_uppercase()).unwrap()));
        assert!(!post.is_by(&Secret::new("cs_test_other"), &signature));
        for changed in [
            Signed {
                method: &Method::PUT,
                ..post
            },
            Signed {
                target: "/v1/Companies",
                ..post
            },
            Signed {
                body: br#"{"name":"Kern" }"#,
                ..post
            },
            Signed {
                timestamp: "1790000000001",
                ..post
            },
        ] {
            assert!(!changed.is_by(&secret, &signature));
        }
    }

    #[test]
    fn a_timestamp_counts_for_five_minutes_in_both_directions() {
        let now = 1_790_000_000_000;
        for (timestamp, expected) in [
            ("1790000000000", Ok(())),
            ("1789999700000", Ok(())),
            ("1789999699999", Err(Unsigned::Expired)),
            ("1790000300000", Ok(())),
            ("1790000300001", Err(Unsigned::Expired)),
            ("1790000000", Err(Unsigned::Expired)),
            ("-9223372036854775808", Err(Unsigned::Expired)),
            ("2026-09-21T00:00:00Z", Err(Unsigned::Timestamp)),
            ("", Err(Unsigned::Timestamp)),
        ] {
            assert_eq!(check_time(timestamp, now), expected, "{timestamp}");
        }
    }

    #[test]
    fn what_is_no_hex_is_no_signature() {
        assert_eq!(from_hex("00fF"), Some(vec![0, 255]));
        for text in ["0", "0g", "ä", "+1", "0x"] {
            assert_eq!(from_hex(text), None, "{text}");
        }
    }
}
