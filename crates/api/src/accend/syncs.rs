use http::StatusCode;
use ledgerline_engine::pull;
use ledgerline_model::connection::State;
use ledgerline_model::run::Reason;
use ledgerline_store::{companies, pulls, runs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::owned::LinkConnectionOf;
use super::views::SyncView;
use super::webhooks::DIALECT;
use crate::audit::{self, Actor};
use crate::body::Json;

#[derive(Deserialize, ToSchema)]
pub struct SyncRequest {
    /// `recurring`, which is also what it is without a word.
    #[serde(default)]
    sync_type: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SyncStarted {
    sync_id: Uuid,
}

#[derive(Serialize, ToSchema)]
pub struct Syncs {
    /// Newest first.
    data: Vec<SyncView>,
}

/// At most so many are listed.
const MAX_SYNCS: i64 = 100;

/// List the reads of a link connection, newest first.
#[utoipa::path(
    get, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/syncs", tag = "Link",
    responses((status = 200, body = Syncs))
)]
pub async fn list_syncs(of: LinkConnectionOf) -> Result<axum::Json<Syncs>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    let found = runs::latest_of_connection(&mut tx, of.app.app, of.connection.id, MAX_SYNCS).await?;
    let mut data = Vec::with_capacity(found.len());
    for run in found {
        let pulls = pulls::of_run(&mut tx, of.app.app, run.id).await?;
        data.push(SyncView::new(&run, &pulls));
    }
    Ok(axum::Json(Syncs { data }))
}

/// Have a link connection read now.
#[utoipa::path(
    post, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/sync", tag = "Link",
    request_body = SyncRequest,
    responses(
        (status = 202, body = SyncStarted),
        (status = 409, body = super::errors::Refusal, description = "It is not active, or is being read already.")
    )
)]
pub async fn start_sync(
    of: LinkConnectionOf,
    Json(request): Json<SyncRequest>,
) -> Result<(StatusCode, axum::Json<SyncStarted>), Error> {
    if request.sync_type.is_some_and(|wanted| wanted != "recurring") {
        return Err(Error::bad_field("sync_type", "only `recurring` can be asked for"));
    }
    let LinkConnectionOf {
        app,
        company,
        connection,
    } = of;
    let engine = &app.engine;
    let mut tx = engine.store.write().await?;
    // Whoever else asks waits here.
    companies::lock(&mut tx, app.app, company.id).await?;
    let connection = ledgerline_store::connections::lock(&mut tx, app.app, connection.id).await?;
    let connection = connection.ok_or_else(Error::no_link_connection)?;
    if connection.state != State::Linked {
        return Err(Error::conflict("The link connection is not active"));
    }
    let running = pulls::lock_active_of_connection(&mut tx, app.app, connection.id).await?;
    if let Some(running) = running.first() {
        return Err(Error::conflict(format!("Sync {} is still running", running.run)));
    }
    let started = pull::start_initial(engine, &mut tx, &company, &connection, Reason::OnDemand).await;
    let started = started.map_err(|error| Error::internal(&error))?;
    let Some(first) = started.first() else {
        return Err(Error::conflict("There is nothing to read"));
    };
    runs::asked_through(&mut tx, app.app, first.run, DIALECT).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "sync.requested",
        connection.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    engine.work.notify_one();
    let sync_id = first.run.0;
    Ok((StatusCode::ACCEPTED, axum::Json(SyncStarted { sync_id })))
}
