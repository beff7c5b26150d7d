//! <https://developer.intuit.com/app/developer/qbo/docs/develop/authentication-and-authorization/oauth-2.0>

use bytes::Bytes;
use ledgerline_model::Secret;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_platform::{Consent, ConsentAnswer, Cx, Endpoints, Error, Linked, Sent, oauth};
use serde::Deserialize;
use url::Url;

use crate::client;

pub(crate) fn consent_url(endpoints: &Endpoints, consent: &Consent) -> Result<Url, Error> {
    let authorize = client::address(endpoints, "consent_url", "/connect/oauth2")?;
    Ok(oauth::consent_url(authorize, endpoints, consent))
}

/// Exchange the code, then ask the company that the callback named for its name: the callback is not signed, and
/// only a company that the token opens is linked.
pub(crate) async fn link(cx: &Cx, answer: &ConsentAnswer) -> Result<Linked, Error> {
    let realm = answer
        .parameters
        .iter()
        .find(|(name, _)| name == "realmId")
        .map(|(_, value)| value.as_str())
        .filter(|realm| is_realm(realm))
        .ok_or_else(|| Error::Malformed {
            reason: "the callback has no `realmId` of 10 to 19 digits".into(),
        })?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", answer.code.expose()),
        ("redirect_uri", answer.redirect_uri.as_str()),
    ];
    let tokens = ask_for_tokens(cx, &form).await?;
    let path = format!("/companyinfo/{realm}");
    let company = client::get(cx, &tokens.access, realm, &path, &[]).await?;
    let found: Found = serde_json::from_slice(&company.body).map_err(|error| Error::Malformed {
        reason: format!("the company's facts cannot be read, line {}", error.line()),
    })?;
    let organisation = Organisation {
        id: realm.to_owned(),
        name: found
            .company_info
            .company_name
            .unwrap_or_else(|| realm.to_owned()),
        link: None,
    };
    Ok(Linked {
        tokens,
        subject: realm.to_owned(),
        picked: vec![organisation.clone()],
        organisations: vec![organisation],
        at: cx.clock.now(),
    })
}

pub(crate) async fn refresh(cx: &Cx, refresh_token: &Secret) -> Result<Tokens, Error> {
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.expose()),
    ];
    ask_for_tokens(cx, &form).await
}

/// Ends the grant that a token of either kind is of; a dead token counts as revoked.
pub(crate) async fn revoke(cx: &Cx, token: &Secret) -> Result<(), Error> {
    let url = client::address(&cx.endpoints, "revoke_url", "/v2/oauth2/tokens/revoke")?;
    let mut request = oauth::post_form(&url, &cx.endpoints, &[])?;
    let body = serde_json::json!({ "token": token.expose() }).to_string();
    *request.body_mut() = Bytes::from(body);
    request.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    let answer = cx.http.send(request).await?;
    match answer.status.as_u16() {
        200 | 400 => Ok(()),
        429 => Err(Error::RateLimited {
            retry_after: answer.retry_after(),
        }),
        status => Err(Error::Unavailable {
            sent: Sent::Maybe,
            reason: format!("the revocation was answered {status}"),
        }),
    }
}

async fn ask_for_tokens(cx: &Cx, form: &[(&str, &str)]) -> Result<Tokens, Error> {
    let url = client::address(&cx.endpoints, "token_url", "/oauth2/v1/tokens/bearer")?;
    oauth::ask_for_tokens(&cx.http, &*cx.clock, &url, &cx.endpoints, form).await
}

fn is_realm(text: &str) -> bool {
    (10..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    company_info: CompanyName,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CompanyName {
    company_name: Option<String>,
}
