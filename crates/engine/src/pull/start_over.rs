use ledgerline_model::run::FeedRead;
use ledgerline_store::records::Place;
use ledgerline_store::{feed_reads, pulls, records};

use super::store_page::pulls_of;
use crate::{Engine, jobs};

/// Rows of one transaction.
const BATCH: i64 = 2000;

/// The platform cannot go on where the read stood: read everything, from the beginning. What its pages have
/// staged stays, since later pages replace it; what a first load has stored and what was seen does not, or a
/// record that has vanished since would be taken for one that is there.
pub(super) async fn start_over(engine: &Engine, job: &jobs::Job, read: &FeedRead) -> Result<(), jobs::Error> {
    while clear_some(engine, job, read).await? > 0 {}
    let now = engine.now();
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    for mut pull in pulls_of(&mut tx, read).await? {
        pull.paused_until = None;
        pull.message = Some("The platform asks to be read from the beginning.".into());
        pulls::save(&mut tx, &pull).await?;
    }
    feed_reads::forget_seen(&mut tx, read.app, read.id).await?;
    let read = FeedRead {
        since: None,
        cursor: None,
        objects: 0,
        platform_time: None,
        restarts: read.restarts + 1,
        ..read.clone()
    };
    feed_reads::save(&mut tx, &read).await?;
    ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, now, 0).await?;
    tx.commit().await?;
    Ok(())
}

/// Take back some of what first loads have stored from this feed.
async fn clear_some(engine: &Engine, job: &jobs::Job, read: &FeedRead) -> Result<u64, jobs::Error> {
    let mut tx = engine.store.write_page().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let mut cleared = 0;
    for pull in pulls_of(&mut tx, read).await? {
        if pull.first_load {
            let place = Place {
                app: pull.app,
                connection: pull.connection,
                data_type: pull.data_type,
                feed: &read.feed,
            };
            cleared += records::clear_loaded(&mut tx, &place, pull.publication, BATCH).await?;
        }
    }
    tx.commit().await?;
    Ok(cleared)
}
