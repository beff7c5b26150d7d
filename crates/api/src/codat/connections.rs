use axum::extract::RawPathParams;
use http::StatusCode;
use ledgerline_engine::connections;
use ledgerline_engine::link::{self, Target};
use ledgerline_engine::push::bank_feed;
use ledgerline_model::connection::Connection;
use ledgerline_model::query::Schema;
use ledgerline_store::Tx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::errors::Error;
use super::expenses::partner;
use super::integrations::entry_of;
use super::owned::{LinkableCompany, LinkableConnection};
use super::paging::{List, ListParameters, Page};
use super::views::ConnectionView;
use crate::body::Json;

const SCHEMA: Schema = Schema {
    noun: "Connection",
    text: "id integrationId integrationKey sourceId sourceType platformName linkUrl status",
    number: "",
    date: "created lastSync",
    flag: "",
};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateConnection {
    /// Four letters, e.g. `gbol`; see the list of integrations.
    platform_key: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateConnectionStatus {
    /// `Unlinked`.
    #[serde(default)]
    status: Option<String>,
    /// Ours: whether statement lines are fed to the platform's bank feed beside the expenses that are written.
    #[serde(default)]
    bank_feed: Option<bool>,
}

/// List a company's connections, in the order in which they were made.
#[utoipa::path(
    get, path = "/companies/{companyId}/connections", tag = "Connections", params(ListParameters),
    responses((status = 200, body = Page<ConnectionView>))
)]
pub async fn list_connections(
    of: LinkableCompany,
    list: List,
) -> Result<axum::Json<Page<ConnectionView>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let own = ledgerline_store::connections::of_company(&mut tx, of.app, of.company.id).await?;
    let mut views = Vec::with_capacity(own.len());
    for connection in own {
        views.push(view(&of.engine, &mut tx, connection).await?);
    }
    views.extend(partner::find(&of.engine, &mut tx, &of.company).await?);
    let (page, total) = list.apply(&SCHEMA, views)?;
    Ok(axum::Json(list.page(page, total)))
}

/// Make a connection to a platform. `linkUrl` of the answer is the page on which the customer consents.
#[utoipa::path(
    post, path = "/companies/{companyId}/connections", tag = "Connections", request_body = CreateConnection,
    responses(
        (status = 200, body = ConnectionView),
        (status = 409, description = "The company's books are connected already.")
    )
)]
pub async fn create_connection(
    of: LinkableCompany,
    Json(request): Json<CreateConnection>,
) -> Result<axum::Json<ConnectionView>, Error> {
    let entry = entry_of(&of.engine.registry, of.company.environment, &request.platform_key);
    let platform = entry.ok_or(connections::Error::UnknownPlatform(request.platform_key))?;
    let platform = platform.about().key;
    let mut tx = of.engine.store.write().await?;
    let connection = connections::create(&of.engine, &mut tx, &of.company, platform).await?;
    let view = view(&of.engine, &mut tx, connection).await?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(axum::Json(view))
}

/// Get a connection.
#[utoipa::path(
    get, path = "/companies/{companyId}/connections/{connectionId}", tag = "Connections",
    responses((status = 200, body = ConnectionView))
)]
pub async fn get_connection(
    company: LinkableCompany,
    of: Result<LinkableConnection, Error>,
    path: RawPathParams,
) -> Result<axum::Json<ConnectionView>, Error> {
    let of = match of {
        Ok(of) => of,
        Err(error) => {
            let found = partner::find_by_id(&company.engine, &company.company, connection_id(&path)).await?;
            return found.map(axum::Json).ok_or(error);
        }
    };
    let mut tx = of.engine.store.read().await?;
    Ok(axum::Json(view(&of.engine, &mut tx, of.connection).await?))
}

/// Cut a linked connection, or switch its bank feed.
///
/// Of one that was cut what was read stays readable; the same `linkUrl` links it again.
#[utoipa::path(
    patch, path = "/companies/{companyId}/connections/{connectionId}", tag = "Connections",
    request_body = UpdateConnectionStatus, responses((status = 200, body = ConnectionView))
)]
pub async fn unlink_connection(
    of: LinkableConnection,
    Json(request): Json<UpdateConnectionStatus>,
) -> Result<axum::Json<ConnectionView>, Error> {
    let cuts = match request.status.as_deref() {
        Some(status) if status.eq_ignore_ascii_case("Unlinked") => true,
        Some(_) => {
            return Err(Error::bad_request(
                "The field `status` can only be set to `Unlinked`.",
            ));
        }
        None if request.bank_feed.is_none() => {
            return Err(Error::bad_request(
                "One of `status` and `bankFeed` has to be there.",
            ));
        }
        None => false,
    };
    let mut connection = of.connection;
    let id = connection.id;
    let mut tx = of.engine.store.write().await?;
    if let Some(on) = request.bank_feed
        && !bank_feed::switch(&of.engine, &mut tx, &connection, on).await?
    {
        return Err(Error::bad_request(
            "The field `bankFeed` cannot be `true`: the platform takes no statement lines.",
        ));
    }
    if cuts {
        let cut = connections::unlink(&of.engine, &mut tx, &of.company, id, of.by).await?;
        connection = cut.ok_or_else(|| Error::no_connection(&id.to_string()))?;
    }
    let view = view(&of.engine, &mut tx, connection).await?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(axum::Json(view))
}

/// Delete a connection and all that was read for it.
#[utoipa::path(
    delete, path = "/companies/{companyId}/connections/{connectionId}", tag = "Connections",
    responses((status = 200, description = "It is gone."))
)]
pub async fn delete_connection(
    company: LinkableCompany,
    of: Result<LinkableConnection, Error>,
    path: RawPathParams,
) -> Result<StatusCode, Error> {
    let of = match of {
        Ok(of) => of,
        Err(error) => {
            let is_gone = partner::delete(&company.engine, &company.company, connection_id(&path)).await?;
            return if is_gone { Ok(StatusCode::OK) } else { Err(error) };
        }
    };
    let mut tx = of.engine.store.write().await?;
    connections::delete(&of.engine, &mut tx, &of.company, &of.connection).await?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(StatusCode::OK)
}

/// As the path names it; what it names may also be the company's expense connection.
fn connection_id(path: &RawPathParams) -> &str {
    let found = path.iter().find(|(name, _)| *name == "connectionId");
    found.map_or("", |(_, value)| value)
}

async fn view(
    engine: &ledgerline_engine::Engine,
    tx: &mut Tx,
    connection: Connection,
) -> Result<ConnectionView, Error> {
    let key = link::key(tx).await?;
    let url = key.url(&engine.config.public_url, Target::from(&connection));
    let bank_feed = bank_feed::is_on(tx, &connection).await?;
    let mut view = ConnectionView::new(connection, &engine.registry, url.into());
    view.bank_feed = bank_feed.then_some(true);
    Ok(view)
}
