use axum::extract::Path;
use http::StatusCode;
use ledgerline_model::Instant;
use ledgerline_model::app::ApiKey;
use ledgerline_store::api_keys;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::paging::Results;
use crate::auth::App;
use crate::body::Json;

/// An app has at most so many keys in each environment.
const MAX_KEYS: usize = 10;
const MAX_NAME: usize = 50;

#[derive(Deserialize, ToSchema)]
pub struct CreateApiKey {
    /// At most 50 characters.
    #[schema(max_length = 50)]
    name: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyDetails {
    id: Uuid,
    name: Option<String>,
    /// The whole key in the answer that made it; later only its beginning.
    api_key: String,
    #[schema(value_type = String)]
    created_date: Instant,
}

/// List the keys of the caller's environment.
///
/// A whole key is shown once, when it is made; here only the beginning of each is.
#[utoipa::path(get, path = "/apiKeys", tag = "Settings", responses((status = 200, body = Results<ApiKeyDetails>)))]
pub async fn list_api_keys(app: App) -> Result<axum::Json<Results<ApiKeyDetails>>, Error> {
    let mut tx = app.engine.store.read().await?;
    let keys = api_keys::list(&mut tx, app.app, app.environment).await?;
    let standing = keys.into_iter().filter(|key| key.revoked_at.is_none());
    let results = standing.map(|key| view(&key, format!("{}…", key.prefix)));
    Ok(axum::Json(Results {
        results: results.collect(),
    }))
}

/// Make a key; a test key makes test keys, and none that may do more than itself.
#[utoipa::path(
    post, path = "/apiKeys", tag = "Settings", request_body = CreateApiKey,
    responses((status = 201, body = ApiKeyDetails), (status = 409, description = "There are 10 keys."))
)]
pub async fn create_api_key(
    app: App,
    Json(request): Json<CreateApiKey>,
) -> Result<(StatusCode, axum::Json<ApiKeyDetails>), Error> {
    let name = request.name.filter(|name| !name.is_empty());
    if name.as_ref().is_some_and(|name| name.chars().count() > MAX_NAME) {
        return Err(Error::bad_request(format!(
            "Max string length ({MAX_NAME}) for `name` reached."
        )));
    }
    let (key, secret) = api_keys::mint(
        app.engine.ids.as_ref(),
        app.app,
        app.environment,
        name,
        // A key gives no more than it has.
        app.key.scopes.clone(),
        app.engine.now(),
    );
    let mut tx = app.engine.store.write().await?;
    let keys = api_keys::list(&mut tx, app.app, app.environment).await?;
    if keys.iter().filter(|key| key.revoked_at.is_none()).count() >= MAX_KEYS {
        return Err(Error::conflict(
            "Maximum number of API keys reached. To create a new API key, delete an unused key and try again.",
        ));
    }
    api_keys::insert(&mut tx, &key).await?;
    tx.commit().await?;
    let shown = view(&key, secret.expose().to_owned());
    Ok((StatusCode::CREATED, axum::Json(shown)))
}

/// Revoke a key: the next request with it is refused.
#[utoipa::path(delete, path = "/apiKeys/{apiKeyId}", tag = "Settings", responses((status = 204)))]
pub async fn delete_api_key(app: App, Path(asked): Path<String>) -> Result<StatusCode, Error> {
    let no_such = || Error::no_such("API key", &asked);
    let id = asked.parse().map_err(|_| no_such())?;
    let mut tx = app.engine.store.write().await?;
    let now = app.engine.now();
    if !api_keys::revoke(&mut tx, app.app, app.environment, id, now).await? {
        return Err(no_such());
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(key: &ApiKey, shown: String) -> ApiKeyDetails {
    ApiKeyDetails {
        id: key.id.0,
        name: key.name.clone(),
        api_key: shown,
        created_date: Instant(key.created_at),
    }
}
