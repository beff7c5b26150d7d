use ledgerline_model::connection::Connection;
use ledgerline_store::{Tx, connections};

use crate::Engine;

/// Whether statement lines are fed beside the documents that are written.
pub async fn is_on(tx: &mut Tx, connection: &Connection) -> ledgerline_store::Result<bool> {
    connections::feeds_bank(tx, connection.app, connection.id).await
}

/// Switch it; `false`: the platform takes no statement lines, and nothing was switched.
pub async fn switch(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    on: bool,
) -> ledgerline_store::Result<bool> {
    if on && !is_offered(engine, connection) {
        return Ok(false);
    }
    connections::set_feeds_bank(tx, connection.app, connection.id, on).await?;
    Ok(true)
}

fn is_offered(engine: &Engine, connection: &Connection) -> bool {
    let entry = engine.registry.find(&connection.platform);
    let push = entry.and_then(|entry| entry.platform.push());
    push.is_some_and(|push| push.about().feeds_banks)
}
