use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use http::request::Parts;
use ledgerline_engine::Engine;
use ledgerline_engine::connections::By;
use ledgerline_model::app::Environment;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::{AppId, CompanyId, ConnectionId};
use ledgerline_store::{companies, connections};

use super::errors::Error;
use crate::auth::{App, Caller, Means};

/// The company that the path names, of the app that calls.
pub struct CompanyOf {
    pub engine: Arc<Engine>,
    pub app: AppId,
    pub company: Company,
}

/// The same, reachable also by the company's own access token: what a page in the browser may do.
pub struct LinkableCompany {
    pub engine: Arc<Engine>,
    pub app: AppId,
    pub company: Company,
}

/// The connection that the path names, of the company that it names.
pub struct ConnectionOf {
    pub engine: Arc<Engine>,
    pub connection: Connection,
}

/// The same, reachable also by the company's own access token.
pub struct LinkableConnection {
    pub engine: Arc<Engine>,
    pub company: Company,
    pub connection: Connection,
    /// Who asks.
    pub by: By,
}

impl<S: Send + Sync> FromRequestParts<S> for CompanyOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        App::from_request_parts(parts, state).await?;
        let LinkableCompany { engine, app, company } =
            LinkableCompany::from_request_parts(parts, state).await?;
        Ok(Self { engine, app, company })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LinkableCompany
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let asked = segment(parts, state, "companyId").await?;
        let company = find_company(&caller, &asked)
            .await?
            .ok_or_else(|| Error::no_company(&asked))?;
        Ok(Self {
            engine: caller.engine,
            app: caller.app,
            company,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ConnectionOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        App::from_request_parts(parts, state).await?;
        let found = LinkableConnection::from_request_parts(parts, state).await?;
        Ok(Self {
            engine: found.engine,
            connection: found.connection,
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LinkableConnection
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let LinkableCompany { engine, app, company } =
            LinkableCompany::from_request_parts(parts, state).await?;
        let asked = segment(parts, state, "connectionId").await?;
        let connection = find_connection(&engine, app, company.environment, company.id, &asked)
            .await?
            .ok_or_else(|| Error::no_connection(&asked))?;
        Ok(Self {
            engine,
            company,
            connection,
            by: caller.means.by(),
        })
    }
}

/// The connection with this id, if it is the company's.
pub async fn find_connection(
    engine: &Engine,
    app: AppId,
    environment: Environment,
    company: CompanyId,
    asked: &str,
) -> Result<Option<Connection>, Error> {
    let Ok(id) = asked.parse::<ConnectionId>() else {
        return Ok(None);
    };
    let mut tx = engine.store.read().await?;
    let found = connections::find(&mut tx, app, environment, id).await?;
    Ok(found.filter(|connection| connection.company == company))
}

async fn find_company(caller: &Caller, asked: &str) -> Result<Option<Company>, Error> {
    let Ok(id) = asked.parse::<CompanyId>() else {
        return Ok(None);
    };
    match &caller.means {
        Means::Key(_) => {}
        // To a token the other companies do not exist.
        Means::Token(own) if *own == id => {}
        Means::Token(_) => return Ok(None),
    }
    let mut tx = caller.engine.store.read().await?;
    Ok(companies::find(&mut tx, caller.app, caller.environment, id).await?)
}

/// A value of the path, by its name in the route's template.
async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Result<String, Error> {
    // What is not UTF-8 is no id of ours.
    let values = RawPathParams::from_request_parts(parts, state)
        .await
        .map_err(|_| Error::not_found())?;
    values
        .iter()
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
        .ok_or_else(Error::not_found)
}
