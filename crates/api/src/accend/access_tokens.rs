use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::SignedDuration;
use ledgerline_engine::link::{self, CUSTOMER_TOKEN};
use ledgerline_model::Timestamp;
use ledgerline_model::app::Environment;
use ledgerline_store::access_tokens::{self, AccessToken, Terms};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::CustomerOf;
use crate::audit::{self, Actor};
use crate::body::Json;

/// Half an hour, in seconds.
const LIFETIME: i64 = 30 * 60;
/// A week.
const LONGEST: i64 = 7 * 24 * 60 * 60;
const MAX_ORIGINS: usize = 20;

#[derive(Deserialize, ToSchema)]
pub struct AccessTokenCreate {
    /// 60 to 604800; 1800 without a word.
    #[serde(default)]
    ttl_seconds: Option<i64>,
    /// Keys of the platforms to choose from; all without a word.
    #[serde(default)]
    platforms: Option<Vec<String>>,
    /// Where the customer is led back to after linking.
    #[serde(default)]
    redirect_url: Option<String>,
    /// Origins of the pages that may use the token, e.g. `https://app.example`; any without a word.
    #[serde(default)]
    allowed_origins: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
pub struct AccessTokenMade {
    /// Kept nowhere: this is the only answer that has it.
    customer_access_token: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The page on which the customer links the books, for whoever has it until then.
    link_url: String,
}

/// Make a token that reaches one customer, and with it the page on which that customer links the books.
///
/// It sees and disconnects the customer's link connections; nothing else.
#[utoipa::path(
    post, path = "/link/customers/{customer_id}/access_tokens", tag = "Link", request_body = AccessTokenCreate,
    responses((status = 201, body = AccessTokenMade))
)]
pub async fn create_access_token(
    of: CustomerOf,
    Json(request): Json<AccessTokenCreate>,
) -> Result<(StatusCode, axum::Json<AccessTokenMade>), Error> {
    let CustomerOf { app, company } = of;
    let seconds = request.ttl_seconds.unwrap_or(LIFETIME);
    if !(60..=LONGEST).contains(&seconds) {
        return Err(Error::bad_field(
            "ttl_seconds",
            format!("it has to be from 60 to {LONGEST}"),
        ));
    }
    let engine = &app.engine;
    let platforms = request.platforms.unwrap_or_default();
    if let Some(unknown) = platforms.iter().find(|key| engine.registry.find(key).is_none()) {
        let unknown: String = unknown.chars().take(64).collect();
        return Err(Error::bad_field(
            "platforms",
            format!("there is no platform `{unknown}`"),
        ));
    }
    let redirect_url = request
        .redirect_url
        .map(|url| checked_redirect(&url, company.environment));
    let origins = request.allowed_origins.unwrap_or_default();
    let now = engine.now();
    let reach = AccessToken {
        app: app.app,
        environment: company.environment,
        company: company.id,
        terms: Terms {
            platforms,
            redirect_url: redirect_url.transpose()?,
            allowed_origins: checked_origins(origins)?,
        },
    };
    let expires_at = now
        .checked_add(SignedDuration::from_secs(seconds))
        .map_err(|error| Error::internal(&error))?;
    let mut random = [0; 32];
    engine.ids.fill(&mut random);
    let token = format!("{CUSTOMER_TOKEN}{}", URL_SAFE_NO_PAD.encode(random));
    let mut tx = engine.store.write().await?;
    access_tokens::insert(&mut tx, reach, &token, now, expires_at).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "access_token.made",
        company.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(AccessTokenMade {
            link_url: link::url_of_token(engine, &token).into(),
            customer_access_token: token,
            expires_at,
        }),
    ))
}

/// Make all tokens of a customer worthless, and the links that they open.
#[utoipa::path(
    delete, path = "/link/customers/{customer_id}/access_tokens", tag = "Link", responses((status = 204))
)]
pub async fn revoke_access_tokens(of: CustomerOf) -> Result<StatusCode, Error> {
    let CustomerOf { app, company } = of;
    let engine = &app.engine;
    let mut tx = engine.store.write().await?;
    access_tokens::revoke(&mut tx, app.app, company.id).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "access_token.revoked",
        company.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// HTTPS; in the test world also HTTP.
fn checked_redirect(text: &str, environment: Environment) -> Result<String, Error> {
    let is_fit = |url: &Url| {
        let is_web = url.scheme() == "https" || (url.scheme() == "http" && environment == Environment::Test);
        is_web && url.host().is_some() && url.username().is_empty() && url.password().is_none()
    };
    let url = Url::parse(text).ok().filter(is_fit);
    let url = url.filter(|_| text.len() <= 2000 && !text.contains(['{', '}']));
    url.map(Into::into).ok_or_else(|| {
        Error::bad_field(
            "redirect_url",
            "it has to be an address that begins with `https://`, without a user and without braces",
        )
    })
}

/// As browsers write them: scheme, host, port, nothing else.
fn checked_origins(origins: Vec<String>) -> Result<Vec<String>, Error> {
    let is_origin =
        |text: &String| Url::parse(text).is_ok_and(|url| url.origin().ascii_serialization() == *text);
    if origins.len() > MAX_ORIGINS || !origins.iter().all(is_origin) {
        return Err(Error::bad_field(
            "allowed_origins",
            format!("it has to hold at most {MAX_ORIGINS} origins, e.g. `https://app.example`"),
        ));
    }
    Ok(origins)
}
