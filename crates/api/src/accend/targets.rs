use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use http::StatusCode;
use ledgerline_model::EndpointId;
use ledgerline_model::event::Endpoint;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::webhooks::{DIALECT, TYPES};
use crate::auth::App;
use crate::body::Json;
use crate::endpoints::{self, Wanted};

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
    let found = endpoints::list(&app, DIALECT).await?;
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
    let wanted = Wanted {
        dialect: DIALECT,
        names: &TYPES,
        url: &request.url,
        event_types: request.event_types.unwrap_or_default(),
    };
    let (endpoint, secret) = endpoints::make(&app, wanted).await?;
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
    if !endpoints::delete(&app, DIALECT, id).await? {
        return Err(Error::no_webhook());
    }
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
