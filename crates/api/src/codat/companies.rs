use std::collections::BTreeMap;

use http::StatusCode;
use ledgerline_engine::companies::{self, NewCompany};
use ledgerline_engine::link::{self, Key, Target};
use ledgerline_engine::schedule::{self, calendar};
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::Connection;
use ledgerline_model::query::{Filter, Found, Properties, Schema};
use ledgerline_store::Tx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::{CompanyOf, LinkableCompany};
use super::paging::{List, ListParameters, Page};
use super::views::{CompanyView, ConnectionView};
use crate::auth::App;
use crate::body::{Json, given};

const MAX_NAME: usize = 500;
const MAX_DESCRIPTION: usize = 4000;
const MAX_TAGS: usize = 10;
const MAX_TAG: usize = 100;

/// What `query` and `orderBy` know; those of the connections hold if they hold for any of them.
const SCHEMA: Schema = Schema {
    noun: "Company",
    text: "id name description platform redirect createdByUserName dataConnections.id \
           dataConnections.integrationId dataConnections.integrationKey dataConnections.sourceId \
           dataConnections.sourceType dataConnections.platformName dataConnections.linkUrl dataConnections.status",
    number: "",
    date: "created lastSync dataConnections.created dataConnections.lastSync",
    flag: "",
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyRequestBody {
    /// Letters, digits, spaces and `- ' & @ . , ? !`; other characters are removed.
    name: String,
    #[serde(default)]
    description: Option<String>,
    /// At most 10, each value at most 100 characters.
    #[serde(default)]
    tags: Option<BTreeMap<String, String>>,
    /// Ours: `false` where only a one-time read is wanted. Absent: consents that nobody uses are refreshed monthly.
    #[serde(default)]
    keep_alive: Option<bool>,
    /// Ours: IANA name of the company's time zone; absent: the platform's, else UTC.
    #[serde(default)]
    time_zone: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanyUpdateRequest {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    description: Option<String>,
    /// Absent: stay as they are. Null or empty: all are removed.
    #[serde(default, deserialize_with = "given")]
    tags: Option<Option<BTreeMap<String, String>>>,
    /// Ours: whether consents that nobody uses are refreshed monthly.
    #[serde(default)]
    keep_alive: Option<bool>,
    /// Ours: IANA name of the company's time zone; empty: the platform's, else UTC.
    #[serde(default)]
    time_zone: Option<String>,
}

/// List the app's companies, in the order in which they were made.
#[utoipa::path(
    get, path = "/companies", tag = "Companies",
    params(
        ListParameters,
        ("tags" = Option<String>, Query, description = "Only companies whose tags meet this, e.g. `region = uk && team != x`."),
    ),
    responses((status = 200, body = Page<CompanyView>))
)]
pub async fn list_companies(app: App, list: List) -> Result<axum::Json<Page<CompanyView>>, Error> {
    let malformed = |error: ledgerline_model::query::Error| Error::bad_query(error.to_string());
    let request = list.request(&SCHEMA).map_err(malformed)?;
    let tags = list.parameters.text("tags").map(Filter::over_tags);
    let tags = tags.transpose().map_err(malformed)?;

    let mut tx = app.engine.store.read().await?;
    let total = ledgerline_store::companies::count(&mut tx, app.app, app.environment).await?;
    if total == 0 {
        return Ok(axum::Json(list.page(Vec::new(), 0)));
    }
    let viewer = Viewer::new(&app, &mut tx).await?;
    if request.filter.is_none() && request.order.is_none() && tags.is_none() {
        let offset = i64::try_from(request.offset()).unwrap_or(i64::MAX);
        let size = i64::from(list.page_size);
        let found =
            ledgerline_store::companies::list(&mut tx, app.app, app.environment, offset, size).await?;
        let mut page = Vec::with_capacity(found.len());
        for company in found {
            let own = ledgerline_store::connections::of_company(&mut tx, app.app, company.id).await?;
            page.push(viewer.view(company, own));
        }
        return Ok(axum::Json(
            list.page(page, u64::try_from(total).unwrap_or_default()),
        ));
    }
    let mut all = Vec::new();
    ledgerline_store::companies::each(&mut tx, app.app, app.environment, |company, own| {
        let view = viewer.view(company, own);
        let meets = request.filter.as_ref().is_none_or(|filter| filter.matches(&view));
        if meets
            && tags
                .as_ref()
                .is_none_or(|filter| filter.matches(&Tags(&view.tags)))
        {
            all.push(view);
        }
        Ok(true)
    })
    .await?;
    let (page, total) = request.apply(all);
    Ok(axum::Json(
        list.page(page, u64::try_from(total).unwrap_or_default()),
    ))
}

/// Make a company. `redirect` of the answer is the page on which the customer links the books.
#[utoipa::path(
    post, path = "/companies", tag = "Companies", request_body = CompanyRequestBody,
    responses((status = 200, body = CompanyView))
)]
pub async fn create_company(
    app: App,
    Json(request): Json<CompanyRequestBody>,
) -> Result<axum::Json<CompanyView>, Error> {
    let new = NewCompany {
        app: app.app,
        environment: app.environment,
        name: clean_name(&request.name)?,
        description: clean_description(request.description)?,
        tags: checked_tags(request.tags.unwrap_or_default())?,
        profile: Profile::Codat,
        keep_alive: request.keep_alive.unwrap_or(true),
        created_by: app.key.name.clone(),
    };
    let zone = checked_zone(request.time_zone)?;
    let mut tx = app.engine.store.write().await?;
    let mut company = companies::create(&app.engine, &mut tx, new).await?;
    if zone.is_some() {
        company.zone = zone;
        companies::update(&app.engine, &mut tx, &company).await?;
    }
    let view = Viewer::new(&app, &mut tx).await?.view(company, Vec::new());
    tx.commit().await?;
    app.engine.work.notify_one();
    Ok(axum::Json(view))
}

/// Get a company.
#[utoipa::path(
    get, path = "/companies/{companyId}", tag = "Companies",
    responses((status = 200, body = CompanyView))
)]
pub async fn get_company(of: LinkableCompany) -> Result<axum::Json<CompanyView>, Error> {
    let mut tx = of.engine.store.read().await?;
    Ok(axum::Json(view(&of.engine, &mut tx, of.company).await?))
}

/// Replace a company: what is not given is cleared.
#[utoipa::path(
    put, path = "/companies/{companyId}", tag = "Companies", request_body = CompanyRequestBody,
    responses((status = 200, body = CompanyView))
)]
pub async fn replace_company(
    of: CompanyOf,
    Json(request): Json<CompanyRequestBody>,
) -> Result<axum::Json<CompanyView>, Error> {
    let company = Company {
        name: clean_name(&request.name)?,
        description: clean_description(request.description)?,
        tags: checked_tags(request.tags.unwrap_or_default())?,
        keep_alive: request.keep_alive.unwrap_or(true),
        zone: checked_zone(request.time_zone)?,
        ..of.company.clone()
    };
    save(of, company).await
}

/// Change what is given of a company.
#[utoipa::path(
    patch, path = "/companies/{companyId}", tag = "Companies", request_body = CompanyUpdateRequest,
    responses((status = 200, body = CompanyView))
)]
pub async fn update_company(
    of: CompanyOf,
    Json(request): Json<CompanyUpdateRequest>,
) -> Result<axum::Json<CompanyView>, Error> {
    let mut company = of.company.clone();
    if let Some(name) = request.name {
        company.name = clean_name(&name)?;
    }
    if let Some(description) = request.description {
        company.description = clean_description(Some(description))?;
    }
    if let Some(tags) = request.tags {
        company.tags = checked_tags(tags.unwrap_or_default())?;
    }
    if let Some(keep_alive) = request.keep_alive {
        company.keep_alive = keep_alive;
    }
    if let Some(zone) = request.time_zone {
        company.zone = checked_zone(Some(zone))?;
    }
    save(of, company).await
}

/// Delete a company, its connections, and all that was read for it.
#[utoipa::path(delete, path = "/companies/{companyId}", tag = "Companies", responses((status = 204)))]
pub async fn delete_company(of: CompanyOf) -> Result<StatusCode, Error> {
    let (id, environment) = (of.company.id, of.company.environment);
    let mut tx = of.engine.store.write().await?;
    if !companies::delete(&of.engine, &mut tx, of.app, environment, id).await? {
        return Err(Error::no_company(&id.to_string()));
    }
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

async fn save(of: CompanyOf, company: Company) -> Result<axum::Json<CompanyView>, Error> {
    let mut tx = of.engine.store.write().await?;
    let locked = ledgerline_store::companies::lock(&mut tx, company.app, company.id).await?;
    let Some(before) = locked else {
        return Err(Error::no_company(&company.id.to_string()));
    };
    companies::update(&of.engine, &mut tx, &company).await?;
    if before.zone != company.zone {
        schedule::settings_changed(&of.engine, &mut tx, company.app, Some(&company))
            .await
            .map_err(|error| Error::internal(&error))?;
    }
    let view = view(&of.engine, &mut tx, company).await?;
    tx.commit().await?;
    Ok(axum::Json(view))
}

/// The name of a time zone; an empty one is none.
fn checked_zone(zone: Option<String>) -> Result<Option<String>, Error> {
    let zone = zone.filter(|zone| !zone.is_empty());
    if let Some(zone) = &zone {
        calendar::check_zone(zone)
            .map_err(|error| Error::bad_request(format!("The field `timeZone` is not valid: {error}.")))?;
    }
    Ok(zone)
}

async fn view(
    engine: &ledgerline_engine::Engine,
    tx: &mut Tx,
    company: Company,
) -> Result<CompanyView, Error> {
    let own = ledgerline_store::connections::of_company(tx, company.app, company.id).await?;
    let viewer = Viewer {
        engine,
        key: link::key(tx).await?,
    };
    Ok(viewer.view(company, own))
}

/// Prints companies with their links.
struct Viewer<'a> {
    engine: &'a ledgerline_engine::Engine,
    key: Key,
}

impl<'a> Viewer<'a> {
    async fn new(app: &'a App, tx: &mut Tx) -> Result<Self, Error> {
        let key = link::key(tx).await?;
        Ok(Self {
            engine: &app.engine,
            key,
        })
    }

    fn view(&self, company: Company, own: Vec<Connection>) -> CompanyView {
        let public = &self.engine.config.public_url;
        let redirect = self.key.url(public, Target::from(&company)).into();
        let own = own.into_iter().map(|connection| {
            let link = self.key.url(public, Target::from(&connection)).into();
            ConnectionView::new(connection, &self.engine.registry, link)
        });
        CompanyView::new(company, redirect, own.collect())
    }
}

/// The tags of a company, by key whatever its case.
struct Tags<'a>(&'a BTreeMap<String, String>);

impl Properties for Tags<'_> {
    fn property(&self, path: &str) -> Found<'_> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(path));
        Found::opt_text(found.map(|(_, value)| value.as_str()))
    }
}

/// Forbidden characters are removed, not refused.
fn clean_name(name: &str) -> Result<String, Error> {
    let clean: String = name
        .chars()
        .map(|character| if character.is_whitespace() { ' ' } else { character })
        .filter(|character| character.is_alphanumeric() || " -'&@.,?!".contains(*character))
        .collect();
    let clean = clean.trim();
    if clean.is_empty() {
        return Err(Error::bad_request(
            "The field `name` has to hold letters or digits.",
        ));
    }
    if clean.chars().count() > MAX_NAME {
        return Err(Error::bad_request(format!(
            "The field `name` has to hold at most {MAX_NAME} characters."
        )));
    }
    Ok(clean.to_owned())
}

fn clean_description(description: Option<String>) -> Result<Option<String>, Error> {
    let description = description.filter(|description| !description.is_empty());
    match &description {
        Some(text) if text.chars().count() > MAX_DESCRIPTION => Err(Error::bad_request(format!(
            "The field `description` has to hold at most {MAX_DESCRIPTION} characters."
        ))),
        Some(text) if text.contains('\0') => Err(Error::bad_request(
            "The field `description` holds a character that cannot be stored.",
        )),
        Some(_) | None => Ok(description),
    }
}

fn checked_tags(tags: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Error> {
    if tags.len() > MAX_TAGS {
        return Err(Error::bad_request(format!(
            "The field `tags` has to hold at most {MAX_TAGS} tags."
        )));
    }
    for (key, value) in &tags {
        if key.trim().is_empty() || key.chars().count() > MAX_TAG || key.contains('\0') {
            return Err(Error::bad_request(format!(
                "The field `tags` holds a key that is empty or longer than {MAX_TAG} characters."
            )));
        }
        if value.chars().count() > MAX_TAG || value.contains('\0') {
            return Err(Error::bad_request(format!(
                "The field `tags.{key}` has to hold at most {MAX_TAG} characters."
            )));
        }
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_removed_from_names() {
        assert_eq!(
            clean_name("Kern & Söhne (Codat[1])\t!").unwrap(),
            "Kern & Söhne Codat1 !"
        );
        assert!(clean_name("<>").is_err());
        assert!(clean_name(&"x".repeat(MAX_NAME + 1)).is_err());
    }
}
