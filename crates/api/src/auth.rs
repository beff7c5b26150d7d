use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use ledgerline_engine::Engine;
use ledgerline_engine::connections::By;
use ledgerline_model::app::{ApiKey, Environment};
use ledgerline_model::{AppId, CompanyId, Secret};
use ledgerline_store::{access_tokens, api_keys};

/// The app that calls, proven by one of its API keys.
#[derive(Clone)]
pub struct App {
    pub engine: Arc<Engine>,
    pub app: AppId,
    /// What the key may see.
    pub environment: Environment,
    pub key: ApiKey,
}

/// Whoever calls: an app with its key, or a browser with a token for one company.
#[derive(Clone)]
pub struct Caller {
    pub engine: Arc<Engine>,
    pub app: AppId,
    pub environment: Environment,
    pub means: Means,
    /// Origins of the pages that may use the token; empty means any.
    pub allowed_origins: Vec<String>,
}

/// By what the caller proved who it is.
#[derive(Clone)]
pub enum Means {
    Key(ApiKey),
    /// Reaches this company and nothing else.
    Token(CompanyId),
}

impl Means {
    /// Whom it speaks for.
    pub const fn by(&self) -> By {
        match self {
            Self::Key(_) => By::App,
            Self::Token(_) => By::Customer,
        }
    }
}

/// Why nobody is let in; each dialect prints it in its own shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refused {
    /// No key, or none of ours.
    Unauthorized,
    /// The token reaches one company only.
    Forbidden,
    /// The store could not be asked.
    Unavailable,
}

impl<S: Send + Sync> FromRequestParts<S> for App
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        let caller = Caller::from_request_parts(parts, state).await?;
        match caller.means {
            Means::Key(key) => Ok(Self {
                engine: caller.engine,
                app: caller.app,
                environment: caller.environment,
                key,
            }),
            Means::Token(_) => Err(Refused::Forbidden),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refused> {
        if let Some(caller) = parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let engine = Arc::<Engine>::from_ref(state);
        let secret = presented(&parts.headers).ok_or(Refused::Unauthorized)?;
        let caller = identify(engine, &secret).await.map_err(|error| {
            tracing::error!(
                error = &error as &dyn std::error::Error,
                "Keys cannot be looked up"
            );
            Refused::Unavailable
        })?;
        let caller = caller.ok_or(Refused::Unauthorized)?;
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

async fn identify(engine: Arc<Engine>, secret: &Secret) -> ledgerline_store::Result<Option<Caller>> {
    let mut tx = engine.store.read().await?;
    if let Some(key) = api_keys::find_by_secret(&mut tx, secret.expose()).await? {
        return Ok(Some(Caller {
            engine,
            app: key.app,
            environment: key.environment,
            means: Means::Key(key),
            allowed_origins: Vec::new(),
        }));
    }
    let token = access_tokens::find(&mut tx, secret.expose(), engine.now()).await?;
    Ok(token.map(|token| Caller {
        engine,
        app: token.app,
        environment: token.environment,
        means: Means::Token(token.company),
        allowed_origins: token.terms.allowed_origins,
    }))
}

/// The key in any of its spellings: `Authorization: Basic base64(key)` (also `base64(key:)`),
/// `Authorization: Bearer key`, `X-API-Key: key`.
fn presented(headers: &HeaderMap) -> Option<Secret> {
    if let Some(key) = headers.get("x-api-key") {
        return Some(Secret::new(key.to_str().ok()?.trim()));
    }
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Secret::new(rest));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let key = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
        return Some(Secret::new(key.strip_suffix(':').unwrap_or(&key)));
    }
    None
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_three_spellings() {
        let key = "sk_test_made_up";
        let spellings = [
            ("authorization", format!("Basic {}", STANDARD.encode(key))),
            (
                "authorization",
                format!("basic {}", STANDARD.encode(format!("{key}:"))),
            ),
            ("authorization", format!("Bearer {key}")),
            ("x-api-key", key.to_owned()),
        ];
        for (name, value) in spellings {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(presented(&headers).unwrap().expose(), key, "{name}");
        }
        let mut headers = HeaderMap::new();
        assert!(presented(&headers).is_none());
        for value in ["Basic %%%", "Basic", "Digest abc", ""] {
            headers.insert("authorization", value.parse().unwrap());
            assert!(presented(&headers).is_none(), "{value}");
        }
    }
}
