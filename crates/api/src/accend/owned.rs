use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts, RawPathParams};
use http::request::Parts;
use ledgerline_engine::Engine;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_store::{companies, connections};

use super::errors::Error;
use super::origins;
use super::views::{customer_id, link_connection_id};
use crate::auth::{App, Caller, Means};

/// The customer that the path names, of the app that calls.
pub struct CustomerOf {
    pub app: App,
    pub company: Company,
}

/// The same, reachable also by the customer's own access token.
pub struct LinkableCustomer {
    pub caller: Caller,
    pub company: Company,
}

/// The link connection that the path names, of the customer that it names.
pub struct LinkConnectionOf {
    pub app: App,
    pub company: Company,
    pub connection: Connection,
}

/// The same, reachable also by the customer's own access token.
pub struct LinkableConnection {
    pub caller: Caller,
    pub company: Company,
    pub connection: Connection,
}

impl<S: Send + Sync> FromRequestParts<S> for CustomerOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_request_parts(parts, state).await?;
        let LinkableCustomer { company, .. } = LinkableCustomer::from_request_parts(parts, state).await?;
        Ok(Self { app, company })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LinkableCustomer
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, state).await?;
        origins::check(&caller, &parts.headers)?;
        let asked = segment(parts, state, "customer_id").await;
        let company = match asked {
            Some(asked) => find_customer(&caller, &asked).await?,
            None => None,
        };
        let company = company.ok_or_else(Error::no_customer)?;
        Ok(Self { caller, company })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for LinkConnectionOf
where
    Arc<Engine>: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let app = App::from_request_parts(parts, state).await?;
        let found = LinkableConnection::from_request_parts(parts, state).await?;
        Ok(Self {
            app,
            company: found.company,
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
        let LinkableCustomer { caller, company } = LinkableCustomer::from_request_parts(parts, state).await?;
        let id = segment(parts, state, "link_connection_id").await;
        let id = id
            .and_then(|asked| link_connection_id(&asked))
            .ok_or_else(Error::no_link_connection)?;
        let mut tx = caller.engine.store.read().await?;
        let found = connections::find(&mut tx, caller.app, caller.environment, id).await?;
        let connection = found
            .filter(|connection| connection.company == company.id)
            .ok_or_else(Error::no_link_connection)?;
        Ok(Self {
            caller,
            company,
            connection,
        })
    }
}

/// The customer with this id, if the caller may know of it.
pub async fn find_customer(caller: &Caller, asked: &str) -> Result<Option<Company>, Error> {
    let Some(id) = customer_id(asked) else {
        return Ok(None);
    };
    match &caller.means {
        Means::Key(_) => {}
        // To a token the other customers do not exist.
        Means::Token(own) if *own == id => {}
        Means::Token(_) => return Ok(None),
    }
    let mut tx = caller.engine.store.read().await?;
    Ok(companies::find(&mut tx, caller.app, caller.environment, id).await?)
}

/// A value of the path, by its name in the route's template. What is not UTF-8 is no id of ours.
async fn segment<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<String> {
    let values = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let found = values.iter().find(|(found, _)| *found == name);
    found.map(|(_, value)| value.to_owned())
}
