use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use http::StatusCode;
use ledgerline_engine::deliver::{self, Reach};
use ledgerline_model::EndpointId;
use ledgerline_model::event::Endpoint;
use ledgerline_store::endpoints;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::webhooks::{DIALECT, TYPES};
use crate::audit::{self, Actor};
use crate::auth::App;
use crate::body::Json;

const MAX_WEBHOOKS: usize = 50;

#[derive(Deserialize, ToSchema)]
pub struct WebhookCreate {
    /// HTTPS; with a test key also HTTP and the machine itself.
    url: String,
    /// `link_sync_completion_event`, `link_sync_error_event`; none means both.
    #[serde(default)]
    event_types: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookView {
    id: Uuid,
    url: String,
    event_types: Vec<String>,
    /// Nothing goes there any more: it failed for 5 days.
    disabled: bool,
    /// The signing secret, in the answer that made it only.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct Webhooks {
    data: Vec<WebhookView>,
}

/// List who is told of syncs.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", responses((status = 200, body = Webhooks)))]
pub async fn list_webhooks(app: App) -> Result<axum::Json<Webhooks>, Error> {
    let mut tx = app.engine.store.read().await?;
    let found = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    let data = found.into_iter().map(|endpoint| view(endpoint, None)).collect();
    Ok(axum::Json(Webhooks { data }))
}

/// Have syncs told to an address, signed as Standard Webhooks says.
#[utoipa::path(
    post, path = "/webhooks", tag = "Webhooks", request_body = WebhookCreate,
    responses(
        (status = 201, body = WebhookView),
        (status = 409, body = super::errors::Refusal, description = "There are 50.")
    )
)]
pub async fn create_webhook(
    app: App,
    Json(request): Json<WebhookCreate>,
) -> Result<(StatusCode, axum::Json<WebhookView>), Error> {
    let reach = Reach::of(app.environment, app.engine.config.allow_private_webhooks);
    let url = reach
        .check(&request.url)
        .map_err(|refusal| Error::bad_field("url", refusal.to_string()))?;
    let mut event_types = request.event_types.unwrap_or_default();
    event_types.sort();
    event_types.dedup();
    if let Some(unknown) = event_types.iter().find(|name| !TYPES.contains(&name.as_str())) {
        let unknown: String = unknown.chars().take(64).collect();
        return Err(Error::bad_field(
            "event_types",
            format!("there is no event `{unknown}`; there are {}", TYPES.join(", ")),
        ));
    }
    if event_types.is_empty() {
        event_types = TYPES.map(str::to_owned).into();
    }
    let now = app.engine.now();
    let endpoint = Endpoint {
        app: app.app,
        id: EndpointId::new(app.engine.ids.as_ref(), now),
        environment: app.environment,
        dialect: DIALECT.to_owned(),
        url: url.into(),
        event_types,
        company_tags: Vec::new(),
        disabled: false,
        created_at: now,
        failing_since: None,
    };
    let secret = deliver::mint(app.engine.ids.as_ref());
    let mut tx = app.engine.store.write().await?;
    let known = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    if known.len() >= MAX_WEBHOOKS {
        return Err(Error::conflict(format!(
            "There are {MAX_WEBHOOKS} webhooks; delete one first"
        )));
    }
    endpoints::insert(&mut tx, &endpoint, &secret).await?;
    audit::note(
        &app.engine,
        &mut tx,
        &Actor::from(&app),
        "webhook.made",
        endpoint.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    let shown = view(endpoint, Some(secret.expose().to_owned()));
    Ok((StatusCode::CREATED, axum::Json(shown)))
}

/// Stop telling an address; what waits for it is dropped.
#[utoipa::path(delete, path = "/webhooks/{webhook_id}", tag = "Webhooks", responses((status = 204)))]
pub async fn delete_webhook(
    app: App,
    asked: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Error> {
    let Path(asked) = asked.map_err(|_| Error::no_webhook())?;
    let id: EndpointId = asked.parse().map_err(|_| Error::no_webhook())?;
    let mut tx = app.engine.store.write().await?;
    let found = endpoints::find(&mut tx, app.app, app.environment, id).await?;
    if found.is_none_or(|endpoint| endpoint.dialect != DIALECT) {
        return Err(Error::no_webhook());
    }
    endpoints::delete(&mut tx, app.app, app.environment, id).await?;
    audit::note(
        &app.engine,
        &mut tx,
        &Actor::from(&app),
        "webhook.deleted",
        id,
        "done",
    )
    .await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(endpoint: Endpoint, secret: Option<String>) -> WebhookView {
    WebhookView {
        id: endpoint.id.0,
        url: endpoint.url,
        event_types: endpoint.event_types,
        disabled: endpoint.disabled,
        secret,
    }
}
