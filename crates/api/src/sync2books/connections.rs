use ledgerline_engine::connections::{self, By};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::errors::Error;
use super::owned::{CompanyOf, ConnectionOf};
use super::views::ConnectionView;
use crate::audit::{self, Actor};
use crate::body::Json;

#[derive(Serialize, ToSchema)]
pub struct Connections {
    connections: Vec<ConnectionView>,
}

#[derive(Deserialize, ToSchema)]
pub struct UpdateConnection {
    /// `DISCONNECTED`.
    status: String,
}

/// List a company's connections, in the order in which they were made.
///
/// A connection appears when the customer has consented.
#[utoipa::path(
    get, path = "/companies/{companyId}/connections", tag = "Connections",
    responses((status = 200, body = Connections))
)]
pub async fn list_connections(of: CompanyOf) -> Result<axum::Json<Connections>, Error> {
    let engine = &of.app.engine;
    let mut tx = engine.store.read().await?;
    let own = ledgerline_store::connections::of_company(&mut tx, of.app.app, of.company.id).await?;
    let shown = own
        .iter()
        .filter_map(|connection| ConnectionView::new(connection, &engine.registry));
    Ok(axum::Json(Connections {
        connections: shown.collect(),
    }))
}

/// Disconnect: nothing is read or written any more, and the consent is cut at the platform. What was read stays.
/// Doing it again changes nothing.
#[utoipa::path(
    patch, path = "/companies/{companyId}/connections/{connectionId}", tag = "Connections",
    request_body = UpdateConnection, responses((status = 200, body = ConnectionView))
)]
pub async fn disconnect(
    of: ConnectionOf,
    Json(request): Json<UpdateConnection>,
) -> Result<axum::Json<ConnectionView>, Error> {
    let ConnectionOf {
        app,
        company,
        connection,
    } = of;
    if request.status != "DISCONNECTED" {
        return Err(Error::bad_field("status", "must be one of: DISCONNECTED"));
    }
    let engine = &app.engine;
    let no_such = || Error::no_such("Connection", &connection.id.to_string());
    let mut tx = engine.store.write().await?;
    let cut = connections::disconnect(engine, &mut tx, &company, connection.id, By::App).await?;
    let cut = cut.ok_or_else(no_such)?;
    let actor = Actor::from(&app);
    audit::note(engine, &mut tx, &actor, "connection.disconnected", cut.id, "done").await?;
    let view = ConnectionView::new(&cut, &engine.registry).ok_or_else(no_such)?;
    tx.commit().await?;
    engine.work.notify_one();
    Ok(axum::Json(view))
}
