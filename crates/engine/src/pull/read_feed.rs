use ledgerline_model::FeedReadId;
use ledgerline_model::run::{Cause, Failure, FeedRead, Pull};
use ledgerline_platform::{self as platform, NeedsReauth};
use ledgerline_store::{Tx, companies, connections, feed_reads, pulls, records, runs};
use tracing::{info, warn};

use super::fault::{Standing, Verdict, judge};
use super::fetch::{Fetched, Source, Stop, fetch};
use super::start_over::start_over;
use super::store_page::{Stored, pulls_of, store_page};
use super::{ReadFeed, credentials, end};
use crate::jobs::backoff;
use crate::jobs::lease::{jitter, later};
use crate::{Engine, jobs};

/// Read a feed from where its last stored page ended to its end.
pub(crate) async fn read_feed(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let Some((mut read, source)) = begin(engine, job).await? else {
        return Ok(());
    };
    let mut failures = job.attempts;
    let (mut next, mut held) = first(engine, &source, &read).await;
    loop {
        let fetched = match next {
            Ok(fetched) => fetched,
            Err(stop) => return stopped(engine, job, &source, &read, failures, stop).await,
        };
        // The page behind it is asked for while this one is stored: at most two are held.
        let before = read.clone();
        let behind = fetched.page.next.clone();
        let held = held.take();
        let ahead = async {
            match (held, &behind) {
                (None, Some(cursor)) => Some(fetch(engine, &source, &before, Some(&cursor.0)).await),
                (held, _) => held,
            }
        };
        let (stored, ahead) = futures::join!(store_page(engine, job, &source, &mut read, fetched), ahead);
        failures = 0;
        match (stored?, ahead) {
            (Stored::More, Some(ahead)) => next = ahead,
            (Stored::More | Stored::Finished | Stored::Unwanted, _) => break,
        }
    }
    info!(feed_read.id = %read.id, read.feed, read.pages, read.objects, "Read a feed to its end");
    Ok(())
}

/// The first page, or the one where the read stood; and the one behind it, if that was asked for already.
///
/// Changes that two pages hold are stored as one page, and published with it: staging them would cost as much again.
async fn first(
    engine: &Engine,
    source: &Source,
    read: &FeedRead,
) -> (Result<Fetched, Stop>, Option<Result<Fetched, Stop>>) {
    let first = match fetch(engine, source, read, read.cursor.as_deref()).await {
        Ok(first) if read.since.is_some() && read.cursor.is_none() => first,
        other => return (other, None),
    };
    let Some(cursor) = &first.page.next else {
        return (Ok(first), None);
    };
    match fetch(engine, source, read, Some(&cursor.0)).await {
        Ok(last) if last.page.next.is_none() => (Ok(first.with(last)), None),
        behind => (Ok(first), Some(behind)),
    }
}

/// See what is to be read and for whom; `None`: nobody needs it any more, and the job is done.
async fn begin(engine: &Engine, job: &jobs::Job) -> Result<Option<(FeedRead, Source)>, jobs::Error> {
    let ReadFeed { feed_read } = jobs::payload(job)?;
    // Nobody misses it where a power cut undoes it.
    let mut tx = engine.store.write_page().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let read = feed_reads::find(&mut tx, job.app, FeedReadId(feed_read)).await?;
    let read = read.filter(|read| read.finished_at.is_none());
    let Some(read) = read else {
        return done(tx, job).await;
    };
    let Some(connection) = connections::lock(&mut tx, job.app, read.connection).await? else {
        return done(tx, job).await;
    };
    let Some(source) = Source::of(engine, connection) else {
        drop(tx);
        let why = (Failure::Auth, None, None);
        give_up(engine, job, &read, why, "The connection is not linked.").await?;
        return Ok(None);
    };
    let active = pulls_of(&mut tx, &read).await?;
    if active.is_empty() {
        return done(tx, job).await;
    }
    pulls::fetching(&mut tx, &active).await?;
    tx.commit().await?;
    for pull in active.iter().filter(|pull| pull.first_load && read.pages == 0) {
        clear_leftovers(engine, job, pull).await?;
    }
    Ok(Some((read, source)))
}

async fn done<T>(mut tx: Tx, job: &jobs::Job) -> Result<Option<T>, jobs::Error> {
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(None)
}

/// Rows of one transaction.
const BATCH: i64 = 2000;

/// Delete what a first load that failed has left, before this one's first page.
async fn clear_leftovers(engine: &Engine, job: &jobs::Job, pull: &Pull) -> Result<(), jobs::Error> {
    loop {
        let mut tx = engine.store.write_page().await?;
        ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
        let Pull {
            app,
            connection,
            data_type,
            publication,
            ..
        } = *pull;
        let deleted =
            records::clear_unpublished(&mut tx, app, connection, data_type, publication, BATCH).await?;
        tx.commit().await?;
        if deleted == 0 {
            return Ok(());
        }
    }
}

/// No page came: decide, and do what was decided.
async fn stopped(
    engine: &Engine,
    job: &jobs::Job,
    source: &Source,
    read: &FeedRead,
    failures: i64,
    stop: Stop,
) -> Result<(), jobs::Error> {
    let error = match stop {
        Stop::Job(error) => return Err(error),
        // The job begins anew, with what the connection is by then.
        Stop::Cut => {
            let attempts = failures + 1;
            let run_at = later(engine.now(), backoff::after(attempts, jitter(engine)));
            let mut tx = engine.store.write().await?;
            ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, run_at, attempts).await?;
            tx.commit().await?;
            return Ok(());
        }
        Stop::Refused(error) => error,
    };
    let standing = Standing {
        now: engine.now(),
        attempts: failures + 1,
        last_progress_at: read.last_progress_at,
        restarts: read.restarts,
        jitter: jitter(engine),
    };
    let verdict = judge(&error, &standing);
    warn!(feed_read.id = %read.id, read.feed, read.pages, %error, ?verdict, "A feed could not be read");
    match verdict {
        Verdict::Pause {
            until,
            message,
            last_progress_at,
        } => {
            let mut tx = engine.store.write().await?;
            ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
            for mut pull in pulls_of(&mut tx, read).await? {
                pull.paused_until = Some(until);
                pull.message = Some(message.clone());
                pulls::save(&mut tx, &pull).await?;
            }
            let read = FeedRead {
                last_progress_at,
                ..read.clone()
            };
            feed_reads::save(&mut tx, &read).await?;
            ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, until, failures + 1).await?;
            tx.commit().await?;
            Ok(())
        }
        Verdict::StartOver => start_over(engine, job, read).await,
        Verdict::End {
            failure,
            cause,
            message,
        } => {
            give_up(
                engine,
                job,
                read,
                (failure, cause, Some(standing.attempts)),
                &message,
            )
            .await
        }
        Verdict::Lost { what, message } => {
            lose(engine, source, what, &error).await?;
            give_up(
                engine,
                job,
                read,
                (Failure::Auth, None, Some(standing.attempts)),
                &message,
            )
            .await
        }
    }
}

/// Its connections learn that consent is gone.
pub(super) async fn lose(
    engine: &Engine,
    source: &Source,
    what: NeedsReauth,
    error: &platform::Error,
) -> Result<(), jobs::Error> {
    credentials::lost(engine, source, what, &error.to_string()).await
}

/// The Pulls that need the feed end; the others of the Run go on.
async fn give_up(
    engine: &Engine,
    job: &jobs::Job,
    read: &FeedRead,
    (failure, cause, attempts): (Failure, Option<Cause>, Option<i64>),
    message: &str,
) -> Result<(), jobs::Error> {
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    if let Some(run) = runs::find(&mut tx, job.app, read.run).await? {
        companies::lock(&mut tx, job.app, run.company).await?;
    }
    for mut pull in pulls_of(&mut tx, read).await? {
        pull.cause = cause;
        pull.failed_attempts = attempts;
        end::end(engine, &mut tx, pull, failure, message).await?;
    }
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(())
}
