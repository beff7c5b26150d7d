use ledgerline_model::AppId;
use ledgerline_model::company::Company;
use ledgerline_store::{Tx, connections as stored, jobs as queue};
use uuid::Uuid;

use super::{REPLAN, set_timer};
use crate::{Engine, connections, jobs};

/// Connections that are looked up at a time.
const BATCH: i64 = 100;

/// Settings have changed: the company's, or the app's for all of its companies. The caller's transaction is the one
/// that changes them, and holds the company.
pub async fn settings_changed(
    engine: &Engine,
    tx: &mut Tx,
    app: AppId,
    company: Option<&Company>,
) -> Result<(), jobs::Error> {
    match company {
        Some(company) => {
            for connection in stored::of_company(tx, app, company.id).await? {
                if connection.state.is_active() {
                    set_timer(engine, tx, company, &connection).await?;
                }
            }
            Ok(())
        }
        None => {
            let key = format!("{REPLAN}:{app}");
            Ok(queue::set_timer(tx, app, REPLAN, &key, "{}", Some(engine.now())).await?)
        }
    }
}

/// Run the job: set the timer of each of the app's connections anew.
pub(crate) async fn replan(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let mut after = Uuid::nil();
    loop {
        let mut tx = engine.store.read().await?;
        let batch = stored::active_after(&mut tx, job.app, after, BATCH).await?;
        drop(tx);
        let Some(last) = batch.last() else { break };
        after = last.id.0;
        for connection in &batch {
            let mut tx = engine.store.write().await?;
            queue::check_fence(&mut tx, job.id, job.fence).await?;
            if let Some((company, connection)) = connections::lock(&mut tx, connection).await? {
                set_timer(engine, &mut tx, &company, &connection).await?;
            }
            tx.commit().await?;
        }
    }
    let mut tx = engine.store.write().await?;
    queue::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    engine.work.notify_waiters();
    Ok(())
}
