use ledgerline_engine::Engine;
use ledgerline_engine::connections;
use ledgerline_engine::link::{self, Target};
use ledgerline_engine::schedule;
use ledgerline_model::connection::{Connection, State};
use ledgerline_model::query::ListRequest;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_store::{Tx, companies, grants, pulls, reading, runs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::{LinkableConnection, LinkableCustomer};
use super::query::{LinkConnectionsParameters, Parameters};
use super::views::{SyncInBrief, link_status, print_customer, print_link_connection};
use crate::audit::{self, Actor};

/// A customer's tie to one organisation on a platform.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkConnection)]
pub struct LinkConnectionView {
    /// `link_conn_` and 32 hex digits.
    link_connection_id: String,
    customer_id: String,
    platform: String,
    /// `active`, `pending`, `needs_reauth`, `disconnected` or `error`.
    status: &'static str,
    /// The platform's id of the organisation, once the customer has consented.
    platform_company_id: Option<String>,
    platform_company_name: Option<String>,
    /// ISO 4217, once the organisation's own data was read.
    base_currency: Option<String>,
    /// What the customer is asked to consent to.
    scopes: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    connected_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    disconnected_at: Option<Timestamp>,
    /// `app` or `customer`.
    disconnected_by: Option<String>,
    last_sync: Option<SyncInBrief>,
    #[schema(value_type = Option<String>, format = DateTime)]
    next_sync_at: Option<Timestamp>,
    /// What is wrong with it.
    error: Option<LinkError>,
    /// Where the customer connects it again, if that is needed.
    reconnect_url: Option<String>,
    /// Of a disconnected one, how the consent at the platform stands: `pending`, `revoked` or, where it serves
    /// others, `removed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    revocation: Option<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub struct LinkError {
    code: String,
    message: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

#[derive(Serialize, ToSchema)]
pub struct LinkConnections {
    data: Vec<LinkConnectionView>,
}

/// List a customer's link connections in full detail, disconnected ones included.
#[utoipa::path(
    get, path = "/link/customers/{customer_id}/link_connections", tag = "Link", params(LinkConnectionsParameters),
    responses((status = 200, body = LinkConnections))
)]
pub async fn list_link_connections(
    of: LinkableCustomer,
    parameters: Parameters,
) -> Result<axum::Json<LinkConnections>, Error> {
    let status = parameters.text("status");
    if let Some(status) = status
        && !State::ALL.into_iter().any(|state| link_status(state) == status)
    {
        return Err(Error::bad_parameter(
            "status",
            "it has to be `active`, `pending`, `needs_reauth`, `disconnected` or `error`",
        ));
    }
    let platform = parameters.text("platform");
    let mut tx = of.caller.engine.store.read().await?;
    let own = ledgerline_store::connections::of_company(&mut tx, of.caller.app, of.company.id).await?;
    let mut data = Vec::with_capacity(own.len());
    for connection in own {
        let wanted = status.is_none_or(|status| link_status(connection.state) == status)
            && platform.is_none_or(|platform| connection.platform == platform);
        if wanted {
            data.push(view(&of.caller.engine, &mut tx, connection).await?);
        }
    }
    Ok(axum::Json(LinkConnections { data }))
}

/// Get a link connection.
#[utoipa::path(
    get, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}", tag = "Link",
    responses((status = 200, body = LinkConnectionView))
)]
pub async fn get_link_connection(of: LinkableConnection) -> Result<axum::Json<LinkConnectionView>, Error> {
    let mut tx = of.caller.engine.store.read().await?;
    Ok(axum::Json(view(&of.caller.engine, &mut tx, of.connection).await?))
}

/// Disconnect: no more is read, and the consent is cut at the platform. What was read stays. Doing it again changes
/// nothing.
#[utoipa::path(
    post, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/disconnect", tag = "Link",
    responses((status = 200, body = LinkConnectionView))
)]
pub async fn disconnect(of: LinkableConnection) -> Result<axum::Json<LinkConnectionView>, Error> {
    let LinkableConnection {
        caller,
        company,
        connection,
    } = of;
    let (engine, by) = (&caller.engine, caller.means.by());
    let mut tx = engine.store.write().await?;
    let cut = connections::disconnect(engine, &mut tx, &company, connection.id, by).await?;
    let cut = cut.ok_or_else(Error::no_link_connection)?;
    let actor = Actor::from(&caller);
    audit::note(engine, &mut tx, &actor, "connection.disconnected", cut.id, "done").await?;
    let view = view(engine, &mut tx, cut).await?;
    tx.commit().await?;
    engine.work.notify_one();
    Ok(axum::Json(view))
}

/// When the first of its data types is due.
async fn next_sync_at(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
) -> Result<Option<Timestamp>, Error> {
    let company = companies::find(tx, connection.app, connection.environment, connection.company).await?;
    let Some(company) = company else { return Ok(None) };
    let upcoming = schedule::upcoming(engine, tx, &company, connection).await;
    let upcoming = upcoming.map_err(|error| Error::internal(&error))?;
    Ok(upcoming.iter().filter_map(|upcoming| upcoming.due_at).min())
}

async fn view(engine: &Engine, tx: &mut Tx, connection: Connection) -> Result<LinkConnectionView, Error> {
    let (app, id) = (connection.app, connection.id);
    let is_cut = connection.state == State::Unlinked;
    let cut = match is_cut {
        true => ledgerline_store::connections::last_cut(tx, app, id).await?,
        false => None,
    };
    let last_sync = match runs::latest_of_connection(tx, app, id, 1).await?.pop() {
        Some(run) => {
            let pulls = pulls::of_run(tx, app, run.id).await?;
            Some(SyncInBrief::new(&run, &pulls))
        }
        None => None,
    };
    let next_sync_at = next_sync_at(engine, tx, &connection).await?;
    let entry = engine.registry.find(&connection.platform);
    let endpoints = entry.and_then(|entry| entry.endpoints(connection.environment));
    let scopes = endpoints.map_or("", |endpoints| endpoints.scopes.as_str());
    let has_error = matches!(connection.state, State::NeedsReauth | State::Faulty);
    let reconnect_url = match connection.state {
        State::NeedsReauth | State::Unlinked => {
            Some(link::url(engine, tx, Target::from(&connection)).await?.into())
        }
        State::PendingAuth | State::Linked | State::Faulty => None,
    };
    let error = connection
        .errors
        .iter()
        .rev()
        .find(|error| error.resolved_at.is_none());
    Ok(LinkConnectionView {
        link_connection_id: print_link_connection(id.0),
        customer_id: print_customer(connection.company.0),
        status: link_status(connection.state),
        base_currency: base_currency(tx, &connection).await?,
        scopes: scopes.split_ascii_whitespace().map(str::to_owned).collect(),
        connected_at: connection.linked_at,
        disconnected_at: cut.as_ref().map(|cut| cut.at),
        disconnected_by: cut.map(|cut| cut.by),
        last_sync,
        next_sync_at,
        error: error.filter(|_| has_error).map(|error| LinkError {
            code: error.status.to_string(),
            message: error.message.clone(),
            at: error.at,
        }),
        reconnect_url,
        revocation: match is_cut {
            true => revocation(tx, &connection).await?,
            false => None,
        },
        platform: connection.platform,
        platform_company_id: connection.organisation.as_ref().map(|own| own.id.clone()),
        platform_company_name: connection.organisation.map(|own| own.name),
    })
}

/// The currency of the books, as the organisation's own record has it.
async fn base_currency(tx: &mut Tx, connection: &Connection) -> Result<Option<String>, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Organisation {
        base_currency: Option<String>,
    }
    let of = reading::Of {
        app: connection.app,
        connection: connection.id,
        data_type: DataType::Company,
        as_of: None,
    };
    if !reading::published(tx, of).await? {
        return Ok(None);
    }
    let first = ListRequest {
        filter: None,
        order: None,
        page: 1,
        page_size: 1,
    };
    let page = reading::list(tx, of, &first).await?;
    let record = page.records.into_iter().next();
    let organisation = record.and_then(|record| serde_json::from_str::<Organisation>(&record.standard).ok());
    Ok(organisation.and_then(|organisation| organisation.base_currency))
}

async fn revocation(tx: &mut Tx, connection: &Connection) -> Result<Option<&'static str>, Error> {
    use ledgerline_model::grant::State;
    let Some(grant) = connection.grant else {
        return Ok(None);
    };
    let grant = grants::find(tx, connection.app, grant).await?;
    Ok(grant.map(|grant| match grant.state {
        State::Revoked => "revoked",
        State::Revoking => "pending",
        // It serves other connections of the same consent.
        State::Active | State::NeedsReauth => "removed",
    }))
}
