//! <https://developer.xero.com/documentation/guides/oauth2/auth-flow>

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ledgerline_model::Secret;
use ledgerline_model::connection::Organisation;
use ledgerline_model::grant::Tokens;
use ledgerline_platform::{
    Consent, ConsentAnswer, Cx, Endpoints, Error, Linked, NeedsReauth, Sent, http::Answer, oauth,
};
use serde::Deserialize;
use url::Url;

use crate::client;

pub(crate) fn consent_url(endpoints: &Endpoints, consent: &Consent) -> Result<Url, Error> {
    let authorize = address(endpoints, "login_url", "/connect/authorize")?;
    Ok(oauth::consent_url(authorize, endpoints, consent))
}

/// Exchange the code, then ask for the connections: who consented stands in the access token, to what in
/// the list of connections.
pub(crate) async fn link(cx: &Cx, answer: &ConsentAnswer) -> Result<Linked, Error> {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", answer.code.expose()),
        ("redirect_uri", answer.redirect_uri.as_str()),
        ("code_verifier", answer.code_verifier.expose()),
    ];
    let tokens = ask_for_tokens(cx, &form).await?;
    let claims = Claims::of(&tokens.access)?;
    let connections = connections(cx, &tokens.access).await?;
    let picked = connections
        .iter()
        .filter(|connection| {
            claims.authentication_event_id.is_some()
                && connection.auth_event_id == claims.authentication_event_id
        })
        .map(Connection::organisation)
        .collect::<Vec<_>>();
    let organisations = connections
        .iter()
        .map(Connection::organisation)
        .collect::<Vec<_>>();
    Ok(Linked {
        tokens,
        subject: claims.xero_userid,
        // A consent that adds nothing new leaves the event ids of the old connections as they were.
        picked: if picked.is_empty() {
            organisations.clone()
        } else {
            picked
        },
        organisations,
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

pub(crate) async fn organisations(cx: &Cx, access_token: &Secret) -> Result<Vec<Organisation>, Error> {
    let connections = connections(cx, access_token).await?;
    Ok(connections.iter().map(Connection::organisation).collect())
}

/// One that is gone already counts as removed.
pub(crate) async fn remove_organisation(
    cx: &Cx,
    access_token: &Secret,
    organisation: &Organisation,
) -> Result<(), Error> {
    let Some(link) = &organisation.link else {
        return Ok(());
    };
    let id = percent_encoding::utf8_percent_encode(link, percent_encoding::NON_ALPHANUMERIC);
    let url = address(&cx.endpoints, "connections_url", &format!("/{id}"))?;
    let request = authorised(http::Request::delete(url.as_str()), access_token)?;
    let answer = cx.http.send(request).await?;
    match answer.status {
        http::StatusCode::NOT_FOUND => Ok(()),
        status if status.is_success() => Ok(()),
        _ => Err(client::refusal(&answer, "connections")),
    }
}

/// Ends the refresh token and with it every connection of the grant; a dead token counts as revoked.
pub(crate) async fn revoke(cx: &Cx, tokens: &Tokens) -> Result<(), Error> {
    let url = address(&cx.endpoints, "identity_url", "/connect/revocation")?;
    let request = oauth::post_form(&url, &cx.endpoints, &[("token", tokens.refresh.expose())])?;
    let answer = cx.http.send(request).await?;
    if answer.status.is_success() || is_invalid_grant(&answer) {
        return Ok(());
    }
    Err(client::refusal(&answer, "revocation"))
}

async fn ask_for_tokens(cx: &Cx, form: &[(&str, &str)]) -> Result<Tokens, Error> {
    let url = address(&cx.endpoints, "identity_url", "/connect/token")?;
    oauth::ask_for_tokens(&cx.http, &*cx.clock, &url, &cx.endpoints, form).await
}

/// One tie between the grant and an organisation.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connection {
    id: String,
    auth_event_id: Option<String>,
    tenant_id: String,
    tenant_type: String,
    tenant_name: Option<String>,
}

impl Connection {
    fn organisation(&self) -> Organisation {
        Organisation {
            id: self.tenant_id.clone(),
            name: self.tenant_name.clone().unwrap_or_else(|| self.tenant_id.clone()),
            link: Some(self.id.clone()),
        }
    }
}

async fn connections(cx: &Cx, access_token: &Secret) -> Result<Vec<Connection>, Error> {
    let url = address(&cx.endpoints, "connections_url", "")?;
    let request = authorised(http::Request::get(url.as_str()), access_token)?;
    let answer = cx.http.send(request).await?;
    if !answer.status.is_success() {
        return Err(match client::refusal(&answer, "connections") {
            // No organisation is asked about here: a refusal is of the whole grant.
            Error::NeedsReauth(_, reason) => Error::NeedsReauth(NeedsReauth::Grant, reason),
            other => other,
        });
    }
    let mut connections: Vec<Connection> =
        serde_json::from_slice(&answer.body).map_err(|error| Error::Malformed {
            reason: format!(
                "the list of connections is not as documented, line {}",
                error.line()
            ),
        })?;
    connections.retain(|connection| connection.tenant_type == "ORGANISATION");
    Ok(connections)
}

/// What the access token says of the consent. Its signature is not checked: it came from the token endpoint
/// itself over TLS (OpenID Connect Core §3.1.3.7), and nothing is granted by it here.
#[derive(Deserialize)]
struct Claims {
    xero_userid: String,
    authentication_event_id: Option<String>,
}

impl Claims {
    fn of(access_token: &Secret) -> Result<Self, Error> {
        let malformed = |what: &str| Error::Malformed {
            reason: format!("the access token {what}"),
        };
        let payload = access_token
            .expose()
            .split('.')
            .nth(1)
            .ok_or_else(|| malformed("is no JSON Web Token"))?;
        let json = URL_SAFE_NO_PAD
            .decode(payload.trim_end_matches('='))
            .map_err(|_| malformed("is not in base64url"))?;
        serde_json::from_slice(&json).map_err(|_| malformed("has no claim `xero_userid`"))
    }
}

fn is_invalid_grant(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    serde_json::from_slice::<Refusal>(&answer.body)
        .is_ok_and(|refusal| matches!(refusal.error.as_str(), "invalid_grant" | "invalid_token"))
}

fn authorised(builder: http::request::Builder, access_token: &Secret) -> Result<http::Request<Bytes>, Error> {
    builder
        .header("authorization", format!("Bearer {}", access_token.expose()))
        .header("accept", "application/json")
        .body(Bytes::new())
        .map_err(|_| client::unsendable())
}

fn address(endpoints: &Endpoints, host: &str, path: &str) -> Result<Url, Error> {
    endpoints.url(host, path).map_err(|_| Error::Unavailable {
        sent: Sent::Never,
        reason: format!("`{host}` of Xero is not configured"),
    })
}
