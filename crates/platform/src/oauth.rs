//! What the OAuth 2 platforms share: the consent URL, the token endpoint, PKCE.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use ledgerline_model::grant::Tokens;
use ledgerline_model::{Clock, Secret};
use sha2::{Digest, Sha256};
use url::Url;

use crate::http::Http;
use crate::{Consent, Endpoints, Error, NeedsReauth, Sent};

/// The consent page with the parameters of RFC 6749 §4.1.1 and RFC 7636 §4.3.
pub fn consent_url(mut authorize: Url, endpoints: &Endpoints, consent: &Consent) -> Url {
    authorize
        .query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &endpoints.client_id)
        .append_pair("redirect_uri", consent.redirect_uri.as_str())
        .append_pair("scope", &endpoints.scopes)
        .append_pair("state", &consent.state)
        .append_pair("code_challenge", &consent.code_challenge)
        .append_pair("code_challenge_method", "S256");
    authorize
}

/// The S256 challenge of a verifier (RFC 7636 §4.2).
pub fn code_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[derive(serde::Deserialize)]
struct TokenAnswer {
    access_token: String,
    refresh_token: String,
    expires_in: i64,
}

#[derive(serde::Deserialize)]
struct TokenError {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// Ask the token endpoint (RFC 6749 §4.1.3 and §6), authenticated by HTTP Basic.
///
/// `invalid_grant` is `NeedsReauth(Grant)`; any other refusal is `Rejected`.
pub async fn ask_for_tokens(
    http: &Http,
    clock: &dyn Clock,
    token_url: &Url,
    endpoints: &Endpoints,
    form: &[(&str, &str)],
) -> Result<Tokens, Error> {
    let answer = http.send(post_form(token_url, endpoints, form)?).await?;
    if answer.status.is_success() {
        let tokens: TokenAnswer = serde_json::from_slice(&answer.body).map_err(|_| Error::Malformed {
            reason: "the token endpoint's answer is not the JSON of RFC 6749 section 5.1".into(),
        })?;
        let lifetime = jiff::SignedDuration::from_secs(tokens.expires_in.clamp(0, 366 * 24 * 3600));
        return Ok(Tokens {
            access: Secret::new(tokens.access_token),
            refresh: Secret::new(tokens.refresh_token),
            expires_at: clock.now() + lifetime,
        });
    }
    if answer.status == http::StatusCode::TOO_MANY_REQUESTS {
        return Err(Error::RateLimited {
            retry_after: answer.retry_after(),
        });
    }
    if answer.status.is_server_error() {
        let reason = format!("the token endpoint answered {}", answer.status.as_u16());
        return Err(Error::Unavailable {
            sent: Sent::Maybe,
            reason,
        });
    }
    match serde_json::from_slice::<TokenError>(&answer.body) {
        Ok(refusal) if refusal.error == "invalid_grant" => {
            Err(Error::NeedsReauth(NeedsReauth::Grant, refusal.error))
        }
        Ok(refusal) => Err(Error::Rejected {
            code: refusal.error,
            message: refusal.error_description,
            field: None,
        }),
        Err(_) => Err(Error::Malformed {
            reason: format!(
                "the token endpoint answered {} without an OAuth error",
                answer.status.as_u16()
            ),
        }),
    }
}

/// A form POST with our client id and secret as HTTP Basic (RFC 6749 §2.3.1).
pub fn post_form(
    url: &Url,
    endpoints: &Endpoints,
    form: &[(&str, &str)],
) -> Result<http::Request<Bytes>, Error> {
    let pair = format!("{}:{}", endpoints.client_id, endpoints.client_secret.expose());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    http::Request::post(url.as_str())
        .header("authorization", format!("Basic {}", STANDARD.encode(pair)))
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Bytes::from(body))
        .map_err(|_| Error::Unavailable {
            sent: Sent::Never,
            reason: "the request is not valid".into(),
        })
}
