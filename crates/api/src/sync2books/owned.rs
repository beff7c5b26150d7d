use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use http::request::Parts;
use ledgerline_engine::Engine;
use ledgerline_model::company::Company;
use ledgerline_model::connection::{Connection, State};
use ledgerline_model::push::Batch;
use ledgerline_model::{CompanyId, ConnectionId, DatasetId};
use ledgerline_store::push::batches;
use ledgerline_store::{companies, connections};

use super::errors::Error;
use crate::auth::App;

/// The company that the path names, of the app that calls.
pub struct CompanyOf {
    pub app: App,
    pub company: Company,
}

/// The connection that the path names; of the company that it names, where it names one.
pub struct ConnectionOf {
    pub app: App,
    pub company: Company,
    pub connection: Connection,
}

/// The batch that the path names, and its company.
pub struct BatchOf {
    pub app: App,
    pub company: Company,
    pub batch: Batch,
}

impl<S: Send + Sync> FromRequestParts<S> for CompanyOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_request_parts(parts, state).await?;
        let asked = segment(parts, state, "companyId").await.unwrap_or_default();
        let company = find_company(&app, asked.parse().ok()).await?;
        let company = company.ok_or_else(|| Error::no_such("Company", &asked))?;
        Ok(Self { app, company })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ConnectionOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_request_parts(parts, state).await?;
        let of_company = match segment(parts, state, "companyId").await {
            Some(_) => Some(CompanyOf::from_request_parts(parts, state).await?.company.id),
            None => None,
        };
        let asked = match segment(parts, state, "connectionId").await {
            Some(asked) => asked,
            // Where a route for something else stands at the same place.
            None => segment(parts, state, "id").await.unwrap_or_default(),
        };
        let no_such = || Error::no_such("Connection", &asked);
        let connection = find_connection(&app, asked.parse().ok()).await?;
        let connection = connection
            .filter(|connection| of_company.is_none_or(|company| connection.company == company))
            .ok_or_else(no_such)?;
        let company = find_company(&app, Some(connection.company)).await?;
        Ok(Self {
            app,
            company: company.ok_or_else(no_such)?,
            connection,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BatchOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_request_parts(parts, state).await?;
        let asked = segment(parts, state, "batchId").await.unwrap_or_default();
        let no_such = || Error::no_such("Sync batch", &asked);
        let id: DatasetId = asked.parse().map_err(|_| no_such())?;
        let mut tx = app.engine.store.read().await?;
        let batch = batches::find(&mut tx, app.app, id).await?.ok_or_else(no_such)?;
        drop(tx);
        let company = find_company(&app, Some(batch.company)).await?;
        Ok(Self {
            app,
            company: company.ok_or_else(no_such)?,
            batch,
        })
    }
}

async fn find_company(app: &App, id: Option<CompanyId>) -> Result<Option<Company>, Error> {
    let Some(id) = id else { return Ok(None) };
    let mut tx = app.engine.store.read().await?;
    Ok(companies::find(&mut tx, app.app, app.environment, id).await?)
}

/// A connection appears with the customer's consent: one that waits for it does not exist here.
async fn find_connection(app: &App, id: Option<ConnectionId>) -> Result<Option<Connection>, Error> {
    let Some(id) = id else { return Ok(None) };
    let mut tx = app.engine.store.read().await?;
    let found = connections::find(&mut tx, app.app, app.environment, id).await?;
    Ok(found.filter(|connection| connection.state != State::PendingAuth))
}

/// A value of the path, by its name in the route's template. What is not UTF-8 is no id of ours.
pub async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let values = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let found = values.iter().find(|(found, _)| *found == name);
    found.map(|(_, value)| value.to_owned())
}
