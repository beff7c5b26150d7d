//! Access tokens: JSON Web Tokens, signed so that we know our own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::grants::Consent;
use crate::xero::errors::Error;

/// Seconds that an access token lives.
pub(super) const LIFE_S: i64 = 1_800;

/// The key that tokens are signed with. It guards made-up books only, and must outlive restarts.
const KEY: &[u8] = b"the sandbox signs its tokens with this";
const HEADER: &str = r#"{"alg":"HS256","kid":"sandbox","typ":"JWT"}"#;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::xero) struct Claims {
    nbf: i64,
    exp: i64,
    iss: String,
    aud: String,
    client_id: String,
    sub: String,
    auth_time: i64,
    pub(in crate::xero) xero_userid: Uuid,
    global_session_id: String,
    jti: String,
    pub(in crate::xero) authentication_event_id: Uuid,
    pub(in crate::xero) scope: Vec<String>,
}

/// The token's text.
pub(super) fn issue(
    consent: &Consent,
    client_id: &str,
    issuer: &str,
    serial: &str,
    now: Timestamp,
) -> String {
    let claims = Claims {
        nbf: now.as_second(),
        exp: now.as_second() + LIFE_S,
        iss: issuer.to_owned(),
        aud: format!("{issuer}/resources"),
        client_id: client_id.to_owned(),
        sub: consent.user.simple().to_string(),
        auth_time: now.as_second(),
        xero_userid: consent.user,
        global_session_id: consent.auth_event.simple().to_string(),
        jti: serial.to_owned(),
        authentication_event_id: consent.auth_event,
        scope: consent.scope.split_whitespace().map(str::to_owned).collect(),
    };
    sign(&serde_json::to_string(&claims).unwrap_or_default())
}

/// The token that tells the app who its user is, as OpenID Connect has it.
pub(super) fn issue_id_token(consent: &Consent, client_id: &str, issuer: &str, now: Timestamp) -> String {
    let claims = serde_json::json!({
        "nbf": now.as_second(), "exp": now.as_second() + 300, "iat": now.as_second(), "iss": issuer, "aud": client_id,
        "sub": consent.user.simple().to_string(), "xero_userid": consent.user,
        "authentication_event_id": consent.auth_event, "preferred_username": "robin@example.com",
        "email": "robin@example.com", "given_name": "Robin", "family_name": "Keeper",
    });
    sign(&claims.to_string())
}

/// The claims of a token that is ours and alive.
pub(in crate::xero) fn read(token: &str, now: Timestamp) -> Result<Claims, Error> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Error::BadToken)?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Error::BadToken)?;
    mac(signed)
        .verify_slice(&signature)
        .map_err(|_| Error::BadToken)?;
    let claims = signed
        .split_once('.')
        .map(|(_, claims)| claims)
        .ok_or(Error::BadToken)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| Error::BadToken)?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|_| Error::BadToken)?;
    if now.as_second() >= claims.exp {
        let since = Timestamp::from_second(claims.exp).unwrap_or(now);
        return Err(Error::ExpiredToken(
            since.strftime("%m/%d/%Y %H:%M:%S").to_string(),
        ));
    }
    Ok(claims)
}

fn sign(claims: &str) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(HEADER),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(mac(&signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
fn mac(text: &str) -> Hmac<Sha256> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(KEY).expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac
}
