use http::StatusCode;
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_engine::link::{self, Target};
use ledgerline_model::company::Profile;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::errors::Error;
use super::integrations;
use super::owned::CompanyOf;
use super::query::{LISTS, ListParameters, Pagination, Parameters};
use super::views::{CompanyView, integration_key};
use crate::audit::{self, Actor};
use crate::auth::App;
use crate::body::Json;

const MAX_NAME: usize = 500;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateCompany {
    /// Need not be unique.
    name: String,
    /// Ours: the software that `authUrl` leads to; without it the customer chooses.
    #[serde(default)]
    integration_key: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedCompany {
    company: CompanyView,
    /// Where the customer connects the books.
    auth_url: String,
}

#[derive(Serialize, ToSchema)]
pub struct Companies {
    companies: Vec<CompanyView>,
    pagination: Pagination,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuthUrl {
    /// Where the customer connects the books.
    auth_url: String,
}

/// Make a company. The customer connects its books at `authUrl`.
#[utoipa::path(
    post, path = "/companies", tag = "Companies", request_body = CreateCompany,
    responses((status = 201, body = CreatedCompany))
)]
pub async fn create_company(
    app: App,
    Json(request): Json<CreateCompany>,
) -> Result<(StatusCode, axum::Json<CreatedCompany>), Error> {
    let name = checked_name(&request.name)?;
    let platform = match &request.integration_key {
        Some(key) => Some(integrations::platform(&app, key)?),
        None => None,
    };
    let new = NewCompany {
        app: app.app,
        environment: app.environment,
        name,
        description: None,
        tags: Default::default(),
        profile: Profile::Codat,
        keep_alive: true,
        created_by: app.key.name.clone(),
    };
    let engine = &app.engine;
    let mut tx = engine.store.write().await?;
    let company = companies::create(engine, &mut tx, new).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "company.made",
        company.id,
        "done",
    )
    .await?;
    let auth_url = match platform {
        Some(platform) => link::url_to(engine, &mut tx, &company, platform).await?,
        None => link::url(engine, &mut tx, Target::from(&company)).await?,
    };
    tx.commit().await?;
    engine.work.notify_one();
    let made = CreatedCompany {
        company: company.into(),
        auth_url: auth_url.into(),
    };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// List the app's companies, in the order in which they were made.
#[utoipa::path(
    get, path = "/companies", tag = "Companies", params(ListParameters),
    responses((status = 200, body = Companies))
)]
pub async fn list_companies(app: App, parameters: Parameters) -> Result<axum::Json<Companies>, Error> {
    let page = parameters.page(LISTS)?;
    let mut tx = app.engine.store.read().await?;
    let total = ledgerline_store::companies::count(&mut tx, app.app, app.environment).await?;
    let offset = i64::try_from(page.offset()).unwrap_or(i64::MAX);
    let limit = i64::from(page.limit);
    let found = ledgerline_store::companies::list(&mut tx, app.app, app.environment, offset, limit).await?;
    Ok(axum::Json(Companies {
        companies: found.into_iter().map(Into::into).collect(),
        pagination: page.of(u64::try_from(total).unwrap_or_default()),
    }))
}

/// Get the address at which the customer connects its books with one software.
#[utoipa::path(
    get, path = "/companies/{companyId}/auth-url", tag = "Companies",
    params(("integrationKey" = String, Query, description = "`QUICKBOOKS` or `XERO`, whatever the case.")),
    responses(
        (status = 200, body = AuthUrl),
        (status = 409, body = super::errors::Refusal, description = "The company is connected already.")
    )
)]
pub async fn auth_url(of: CompanyOf, parameters: Parameters) -> Result<axum::Json<AuthUrl>, Error> {
    let CompanyOf { app, company } = of;
    let asked = parameters.text("integrationKey").unwrap_or_default();
    let platform = integrations::platform(&app, asked)?;
    let mut tx = app.engine.store.read().await?;
    let own = ledgerline_store::connections::of_company(&mut tx, app.app, company.id).await?;
    if let Some(active) = own.iter().find(|connection| connection.state.is_active()) {
        return Err(Error::conflict(format!(
            "The company is connected to {} already: disconnect the connection {} first",
            integration_key(&app.engine.registry, &active.platform),
            active.id
        )));
    }
    let auth_url = link::url_to(&app.engine, &mut tx, &company, platform).await?;
    Ok(axum::Json(AuthUrl {
        auth_url: auth_url.into(),
    }))
}

/// A name as it is stored.
fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Error::bad_field("name", "should not be empty"));
    }
    if name.chars().count() > MAX_NAME {
        let reason = format!("must be shorter than or equal to {MAX_NAME} characters");
        return Err(Error::bad_field("name", reason));
    }
    if name.chars().any(char::is_control) {
        return Err(Error::bad_field("name", "must not hold control characters"));
    }
    Ok(name.to_owned())
}
