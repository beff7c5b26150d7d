use ledgerline_model::connection::{Connection, State as ConnectionState};
use ledgerline_model::grant::State;
use ledgerline_model::{AppId, GrantId};
use tracing::info;

use crate::{Engine, connections};

/// The platform does not honour the grant any more: all its connections need the customer. With
/// `generation`, only if its tokens are still those that were refused. Whether it is lost.
pub async fn lost(
    engine: &Engine,
    app: AppId,
    id: GrantId,
    generation: Option<i64>,
    reason: &str,
) -> ledgerline_store::Result<bool> {
    let mut tx = engine.store.write().await?;
    // The lock keeps a new consent out until this is decided.
    let Some(grant) = ledgerline_store::grants::lock(&mut tx, app, id).await? else {
        return Ok(true);
    };
    if generation.is_some_and(|refused| refused != grant.generation) {
        return Ok(false);
    }
    if grant.state != State::Active {
        return Ok(true);
    }
    ledgerline_store::grants::set_state(&mut tx, app, id, State::NeedsReauth).await?;
    let mut users = ledgerline_store::connections::of_grant(&mut tx, app, id).await?;
    users.sort_by_key(|connection| connection.company);
    for connection in users {
        lose(engine, &mut tx, &connection, reason).await?;
    }
    tx.commit().await?;
    info!(grant.id = %id, reason, "A consent is gone");
    Ok(true)
}

/// The platform does not honour the consent for this one organisation any more.
pub async fn connection_lost(
    engine: &Engine,
    connection: &Connection,
    reason: &str,
) -> ledgerline_store::Result<()> {
    let mut tx = engine.store.write().await?;
    lose(engine, &mut tx, connection, reason).await?;
    tx.commit().await
}

/// Locks the company, then the connection.
pub(super) async fn lose(
    engine: &Engine,
    tx: &mut ledgerline_store::Tx,
    connection: &Connection,
    reason: &str,
) -> ledgerline_store::Result<()> {
    let Some((company, mut connection)) = connections::lock(tx, connection).await? else {
        return Ok(());
    };
    match connection.state {
        ConnectionState::Linked | ConnectionState::Faulty => {
            connections::needs_reauth(engine, tx, &company, &mut connection, reason).await
        }
        ConnectionState::PendingAuth | ConnectionState::NeedsReauth | ConnectionState::Unlinked => Ok(()),
    }
}
