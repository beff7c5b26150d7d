use ledgerline_store::{jobs as queue, purge};

use crate::{Engine, jobs};

/// Rows of one transaction, so that others get their turn.
const BATCH: i64 = 2000;

/// Delete what is left of deleted companies and connections.
pub(crate) async fn run(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let rest: purge::Purge = jobs::payload(job)?;
    loop {
        let mut tx = engine.store.write_page().await?;
        queue::check_fence(&mut tx, job.id, job.fence).await?;
        let empty = purge::step(&mut tx, job.app, &rest, BATCH).await?;
        if empty {
            queue::done(&mut tx, job.id, job.fence).await?;
        }
        tx.commit().await?;
        if empty {
            return Ok(());
        }
    }
}
