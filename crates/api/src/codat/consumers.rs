use axum::extract::Path;
use http::StatusCode;
use ledgerline_engine::deliver::{self, Reach};
use ledgerline_model::EndpointId;
use ledgerline_model::event::Endpoint;
use ledgerline_store::endpoints;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::paging::Results;
use super::webhooks::DIALECT;
use crate::auth::App;
use crate::body::Json;

const MAX_CONSUMERS: usize = 50;
const MAX_TYPES: usize = 100;
const MAX_TAGS: usize = 10;
const MAX_TEXT: usize = 128;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookConsumerPrototype {
    /// HTTPS; with a test key also HTTP and the machine itself.
    url: String,
    /// At least one, e.g. `connection.connected`, `read.completed`.
    event_types: Vec<String>,
    #[serde(default)]
    disabled: Option<bool>,
    /// At most 10, as `key:value`; any match is enough.
    #[serde(default)]
    company_tags: Option<Vec<String>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookConsumer {
    id: Uuid,
    url: String,
    disabled: bool,
    event_types: Vec<String>,
    company_tags: Vec<String>,
    /// The signing secret, in the answer that made it only.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// List who is told of events.
#[utoipa::path(get, path = "/webhooks", tag = "Webhooks", responses((status = 200, body = Results<WebhookConsumer>)))]
pub async fn list_webhooks(app: App) -> Result<axum::Json<Results<WebhookConsumer>>, Error> {
    let mut tx = app.engine.store.read().await?;
    let found = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    let results = found.into_iter().map(|endpoint| view(endpoint, None));
    Ok(axum::Json(Results {
        results: results.collect(),
    }))
}

/// Have events told to an address, signed as Standard Webhooks says.
#[utoipa::path(
    post, path = "/webhooks", tag = "Webhooks", request_body = WebhookConsumerPrototype,
    responses((status = 201, body = WebhookConsumer), (status = 409, description = "There are 50."))
)]
pub async fn create_webhook(
    app: App,
    Json(request): Json<WebhookConsumerPrototype>,
) -> Result<(StatusCode, axum::Json<WebhookConsumer>), Error> {
    let reach = Reach::of(app.environment, app.engine.config.allow_private_webhooks);
    let url = reach
        .check(&request.url)
        .map_err(|refusal| Error::bad_request(format!("The field {refusal}.")))?;
    if request.event_types.is_empty() || request.event_types.len() > MAX_TYPES {
        return Err(Error::bad_request(format!(
            "The field `eventTypes` has to hold 1 to {MAX_TYPES} names."
        )));
    }
    let tags = request.company_tags.unwrap_or_default();
    if tags.len() > MAX_TAGS || tags.iter().any(|tag| !tag.contains(':')) {
        return Err(Error::bad_request(format!(
            "The field `companyTags` has to hold at most {MAX_TAGS} tags of the form `key:value`."
        )));
    }
    let unfit = |text: &String| text.is_empty() || text.chars().count() > MAX_TEXT || text.contains('\0');
    for (field, texts) in [("eventTypes", &request.event_types), ("companyTags", &tags)] {
        if texts.iter().any(unfit) {
            return Err(Error::bad_request(format!(
                "The field `{field}` holds a text that is empty or longer than {MAX_TEXT} characters."
            )));
        }
    }
    let now = app.engine.now();
    let endpoint = Endpoint {
        app: app.app,
        id: EndpointId::new(app.engine.ids.as_ref(), now),
        environment: app.environment,
        dialect: DIALECT.to_owned(),
        url: url.into(),
        event_types: request.event_types,
        company_tags: tags,
        disabled: request.disabled.unwrap_or_default(),
        created_at: now,
        failing_since: None,
    };
    let secret = deliver::mint(app.engine.ids.as_ref());
    let mut tx = app.engine.store.write().await?;
    let known = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    if known.len() >= MAX_CONSUMERS {
        return Err(Error::conflict(format!(
            "Maximum number of webhooks ({MAX_CONSUMERS}) reached. Delete an unused one and try again."
        )));
    }
    endpoints::insert(&mut tx, &endpoint, &secret).await?;
    tx.commit().await?;
    let shown = view(endpoint, Some(secret.expose().to_owned()));
    Ok((StatusCode::CREATED, axum::Json(shown)))
}

/// Stop telling an address; what waits for it is dropped.
#[utoipa::path(delete, path = "/webhooks/{webhookId}", tag = "Webhooks", responses((status = 204)))]
pub async fn delete_webhook(app: App, Path(asked): Path<String>) -> Result<StatusCode, Error> {
    let no_such = || Error::no_such("webhook", &asked);
    let id: EndpointId = asked.parse().map_err(|_| no_such())?;
    let mut tx = app.engine.store.write().await?;
    let found = endpoints::find(&mut tx, app.app, app.environment, id).await?;
    if found.is_none_or(|endpoint| endpoint.dialect != DIALECT) {
        return Err(no_such());
    }
    endpoints::delete(&mut tx, app.app, app.environment, id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn view(endpoint: Endpoint, secret: Option<String>) -> WebhookConsumer {
    WebhookConsumer {
        id: endpoint.id.0,
        url: endpoint.url,
        disabled: endpoint.disabled,
        event_types: endpoint.event_types,
        company_tags: endpoint.company_tags,
        secret,
    }
}
