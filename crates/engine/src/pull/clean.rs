use ledgerline_model::RunId;
use ledgerline_store::{changes, feed_reads, issues, pulls, references};

use super::CleanRun;
use crate::{Engine, jobs};

/// Rows of one transaction, so that others get their turn.
const BATCH: i64 = 2000;

/// Delete what the Pulls of an ended Run had staged, what its reads saw and named, and what failed ones found wrong.
pub(crate) async fn clean(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let CleanRun { run } = jobs::payload(job)?;
    let mut tx = engine.store.read().await?;
    let run = RunId(run);
    let left = pulls::with_leftovers(&mut tx, job.app, run).await?;
    let pulls = match left.as_slice() {
        [] => Vec::new(),
        _ => pulls::of_run(&mut tx, job.app, run).await?,
    };
    drop(tx);
    for pull in pulls.iter().filter(|pull| left.contains(&pull.id)) {
        loop {
            let mut tx = engine.store.write_page().await?;
            let deleted = changes::clear(&mut tx, job.app, pull.id, BATCH).await?
                + issues::clear(&mut tx, job.app, pull.id, pull.publication, BATCH).await?;
            tx.commit().await?;
            if deleted == 0 {
                break;
            }
        }
    }
    loop {
        let mut tx = engine.store.write_page().await?;
        let deleted = references::clear(&mut tx, job.app, run, BATCH).await?;
        tx.commit().await?;
        if deleted == 0 {
            break;
        }
    }
    let mut tx = engine.store.write().await?;
    feed_reads::forget_seen_by_run(&mut tx, job.app, run).await?;
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(())
}
