//! Rules: who is told of events in the way that came before webhooks. `POST /rules` makes them.

/// What is told, and how.
mod alert;
/// What can be asked for, in all its spellings.
mod kind;

use axum::extract::Path;
use http::StatusCode;
use ledgerline_engine::deliver::{self, Reach};
use ledgerline_model::event::Endpoint;
use ledgerline_model::query::{Found, Properties, Schema};
use ledgerline_model::{CompanyId, EndpointId};
use ledgerline_store::{companies, endpoints};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use alert::{Alert, shape};
use kind::Kind;

use super::errors::Error;
use super::paging::{List, ListParameters, Page};
use crate::auth::App;
use crate::body::Json;

/// The dialect's name at the endpoints that its route makes.
pub const DIALECT: &str = "codat_rules";

const MAX_RULES: usize = 50;

/// How the endpoint keeps the only company of which it hears, among its tags.
const COMPANY: &str = "companyId:";

const SCHEMA: Schema = Schema {
    noun: "Rule",
    text: "id type companyId",
    number: "",
    date: "",
    flag: "",
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRule {
    /// E.g. `sync-failed`, `sync-complete`, `Data connection status changed`; spaces, hyphens and case mean nothing.
    #[serde(rename = "type")]
    kind: String,
    /// Absent: all companies.
    #[serde(default)]
    company_id: Option<String>,
    notifiers: Notifiers,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct Notifiers {
    /// This server sends no emails: empty or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emails: Option<Vec<String>>,
    /// HTTPS; with a test key also HTTP and the machine itself.
    #[serde(default)]
    webhook: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    id: Uuid,
    #[serde(rename = "type")]
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_id: Option<String>,
    notifiers: Notifiers,
}

/// List the rules.
#[utoipa::path(
    get, path = "/rules", tag = "Webhooks", params(ListParameters), responses((status = 200, body = Page<Rule>))
)]
pub async fn list_rules(app: App, list: List) -> Result<axum::Json<Page<Rule>>, Error> {
    let mut tx = app.engine.store.read().await?;
    let found = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    let (page, total) = list.apply(&SCHEMA, found.into_iter().map(view))?;
    Ok(axum::Json(list.page(page, total)))
}

/// Have an address told of one kind of event, with the `Authorization` of the app's profile.
#[utoipa::path(
    post, path = "/rules", tag = "Webhooks", request_body = CreateRule,
    responses((status = 200, body = Rule), (status = 409, description = "There are 50."))
)]
pub async fn create_rule(app: App, Json(request): Json<CreateRule>) -> Result<axum::Json<Rule>, Error> {
    if Kind::named(&request.kind).is_none() {
        return Err(Error::bad_request(format!(
            "The field `type` has to be one of {}.",
            Kind::ALL.map(|kind| format!("`{}`", kind.name())).join(", ")
        )));
    }
    if request.notifiers.emails.is_some_and(|emails| !emails.is_empty()) {
        return Err(Error::bad_request(
            "The field `notifiers.emails` has to be empty: this server sends no emails. Name a `webhook`.",
        ));
    }
    let url = request.notifiers.webhook.unwrap_or_default();
    let reach = Reach::of(app.environment, app.engine.config.allow_private_webhooks);
    let url = reach.check(&url).map_err(|refusal| {
        Error::bad_request(format!("The field `notifiers.webhook` is not valid: {refusal}."))
    })?;
    let now = app.engine.now();
    let mut tx = app.engine.store.write().await?;
    let mut company_tags = Vec::new();
    if let Some(asked) = &request.company_id {
        let no_company = || Error::no_company(asked);
        let id: CompanyId = asked.parse().map_err(|_| no_company())?;
        let found = companies::find(&mut tx, app.app, app.environment, id).await?;
        found.ok_or_else(no_company)?;
        company_tags.push(format!("{COMPANY}{id}"));
    }
    let known = endpoints::list(&mut tx, app.app, app.environment, Some(DIALECT)).await?;
    if known.len() >= MAX_RULES {
        return Err(Error::conflict(format!(
            "Maximum number of rules ({MAX_RULES}) reached. Delete an unused one and try again."
        )));
    }
    let endpoint = Endpoint {
        app: app.app,
        id: EndpointId::new(app.engine.ids.as_ref(), now),
        environment: app.environment,
        dialect: DIALECT.to_owned(),
        url: url.into(),
        event_types: vec![request.kind],
        company_tags,
        disabled: false,
        created_at: now,
        failing_since: None,
    };
    let secret = deliver::mint(app.engine.ids.as_ref());
    endpoints::insert(&mut tx, &endpoint, &secret).await?;
    tx.commit().await?;
    Ok(axum::Json(view(endpoint)))
}

/// Get a rule.
#[utoipa::path(get, path = "/rules/{ruleId}", tag = "Webhooks", responses((status = 200, body = Rule)))]
pub async fn get_rule(app: App, Path(asked): Path<String>) -> Result<axum::Json<Rule>, Error> {
    Ok(axum::Json(view(find(&app, &asked).await?)))
}

/// Take a rule back; what waits for its address is dropped.
#[utoipa::path(delete, path = "/rules/{ruleId}", tag = "Webhooks", responses((status = 204)))]
pub async fn delete_rule(app: App, Path(asked): Path<String>) -> Result<StatusCode, Error> {
    let rule = find(&app, &asked).await?;
    let mut tx = app.engine.store.write().await?;
    endpoints::delete(&mut tx, app.app, app.environment, rule.id).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn find(app: &App, asked: &str) -> Result<Endpoint, Error> {
    let no_such = || Error::no_such("rule", asked);
    let id: EndpointId = asked.parse().map_err(|_| no_such())?;
    let mut tx = app.engine.store.read().await?;
    let found = endpoints::find(&mut tx, app.app, app.environment, id).await?;
    found
        .filter(|endpoint| endpoint.dialect == DIALECT)
        .ok_or_else(no_such)
}

fn view(endpoint: Endpoint) -> Rule {
    Rule {
        id: endpoint.id.0,
        company_id: company_of(&endpoint).map(str::to_owned),
        kind: endpoint.event_types.into_iter().next().unwrap_or_default(),
        notifiers: Notifiers {
            emails: None,
            webhook: Some(endpoint.url),
        },
    }
}

/// The only company of which the rule tells.
fn company_of(endpoint: &Endpoint) -> Option<&str> {
    endpoint.company_tags.first()?.strip_prefix(COMPANY)
}

impl Properties for Rule {
    fn property(&self, path: &str) -> Found<'_> {
        match path {
            "id" => Found::text(self.id.to_string()),
            "type" => Found::text(&self.kind),
            "companyId" => Found::opt_text(self.company_id.as_deref()),
            _ => Found::Missing,
        }
    }
}
