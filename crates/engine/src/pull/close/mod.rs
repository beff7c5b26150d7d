//! Closing a Run: the job that its last Pull queues.
//!
//! Types are read one after the other, and the books change meanwhile. Of a Run that is a set the closing pass asks
//! every feed for what changed since it was read, and publishes it for all types in one step, again and again until
//! nothing has changed between two passes: then there was an instant at which the books were what is stored. Reports
//! are read on both sides of the last pass and have to be the same; what they state is held against the records.
//! Other Runs have nothing to be closed but their event.

/// What the records make of the control accounts.
mod books;
/// What the platform states against what the records make.
mod checks;
/// How far the types agree, given all that.
mod level;
/// Asking every feed for what changed.
mod pass;
/// References that lead nowhere.
mod references;
/// How far the pass has come, kept over crashes.
mod state;

use ledgerline_model::consistency::{Consistency, ControlCheck};
use ledgerline_model::run::{FeedRead, Pull, Run};
use ledgerline_model::{Date, Instant, RunId, Timestamp};
use ledgerline_platform::{self as platform, Told};
use ledgerline_store::{closings, companies, connections, feed_reads, publications, pulls, runs};
use tracing::{error, info};

use super::fetch::{Source, Stop, fetch_totals};
use super::{CloseRun, end, read_feed};
use crate::jobs::backoff;
use crate::jobs::lease::{chain, jitter, later};
use crate::{Engine, jobs};
use level::{Level, Outcome, Standing};
use state::State;

/// Passes that find something, one after the other, until the books are taken to be too busy.
const MOST_PASSES: u32 = 5;

/// A Run that is being closed.
struct Closing {
    run: Run,
    is_set: bool,
    left_out: i64,
    pulls: Vec<Pull>,
    /// The reads that its Pulls were made of.
    reads: Vec<FeedRead>,
    /// `None`: the connection cannot be read from any more.
    source: Option<Source>,
    state: State,
    /// The platform's clock at its last answer.
    last_answer: Timestamp,
}

impl Closing {
    /// Without a connection it is tried, so that the Run says why it was not closed.
    fn can_be_closed(&self) -> bool {
        let source = self.source.as_ref();
        source.is_none_or(|source| source.platform.about().closes_sets)
    }

    fn complete(&self) -> impl Iterator<Item = &Pull> {
        self.pulls.iter().filter(|pull| pull.state.is_complete())
    }
}

/// Close a Run whose Pulls have ended.
pub(crate) async fn close(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let Some(mut closing) = begin(engine, job).await? else {
        return Ok(());
    };
    let found = if !closing.is_set || closing.complete().count() < 2 {
        Found::nothing(Outcome::NotAsked)
    } else if !closing.can_be_closed() {
        Found::nothing(Outcome::Untold)
    } else {
        match collect(engine, job, &mut closing).await {
            Ok(found) => found,
            Err(stop) => match stopped(engine, job, &closing, stop).await? {
                Some(reason) => Found::nothing(Outcome::Unfinished(reason)),
                None => return Ok(()),
            },
        }
    };
    references::check(engine, job, &closing).await?;
    finish(engine, job, closing, found).await
}

/// What the closing pass found.
struct Found {
    outcome: Outcome,
    as_of: Option<Date>,
    checks: Vec<ControlCheck>,
}

impl Found {
    const fn nothing(outcome: Outcome) -> Self {
        Self {
            outcome,
            as_of: None,
            checks: Vec::new(),
        }
    }
}

/// See what is to be closed; `None`: nothing is, and the job is done.
async fn begin(engine: &Engine, job: &jobs::Job) -> Result<Option<Closing>, jobs::Error> {
    let CloseRun { run } = jobs::payload(job)?;
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let run = runs::find(&mut tx, job.app, RunId(run)).await?;
    let run = run.filter(|run| run.finished_at.is_none());
    let kept = match &run {
        Some(run) => closings::find(&mut tx, run.app, run.id).await?,
        None => None,
    };
    let Some((run, kept)) = run.zip(kept) else {
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
        tx.commit().await?;
        return Ok(None);
    };
    companies::lock(&mut tx, run.app, run.company).await?;
    let connection = connections::lock(&mut tx, run.app, run.connection).await?;
    let pulls = pulls::of_run(&mut tx, run.app, run.id).await?;
    let mut reads = feed_reads::of_run(&mut tx, run.app, run.id).await?;
    reads.retain(|read| read.pass == 1);
    let state = match kept.state.as_deref().and_then(State::of_text) {
        Some(state) => state,
        None => {
            let mut state = State::begin(engine.now(), &run, &reads);
            if kept.is_set {
                let complete = pulls.iter().filter(|pull| pull.state.is_complete());
                state.save(engine, &mut tx, &run, complete).await?;
            }
            state
        }
    };
    tx.commit().await?;
    Ok(Some(Closing {
        is_set: kept.is_set,
        left_out: kept.left_out,
        source: connection.and_then(|connection| Source::of(engine, connection)),
        last_answer: state.window_end(),
        run,
        pulls,
        reads,
        state,
    }))
}

/// Pass after pass, until one finds nothing.
async fn collect(engine: &Engine, job: &jobs::Job, closing: &mut Closing) -> Result<Found, Stop> {
    if closing.source.is_none() {
        return Err(Stop::Cut);
    }
    // The platform's own day may be ahead of ours or behind it; both sides of a check count the same days.
    let as_of = engine.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    while closing.state.passes < MOST_PASSES {
        let before = totals(engine, closing, as_of).await?;
        let changes = pass::read(engine, job, closing).await?;
        if changes.count > 0 {
            pass::publish(engine, job, closing, changes.marks).await?;
            continue;
        }
        let after = totals(engine, closing, as_of).await?;
        closing.state.passes += 1;
        let Some((before, after)) = before.zip(after) else {
            return Ok(Found::nothing(Outcome::Untold));
        };
        if before == after {
            let Some(books) = books::of(engine, closing, as_of).await? else {
                return Ok(Found::nothing(Outcome::Overtaken));
            };
            return Ok(Found {
                outcome: Outcome::Quiet,
                as_of: Some(as_of),
                checks: checks::of(&after, &books),
            });
        }
        pass::keep(engine, job, closing, changes.marks).await?;
    }
    Ok(Found::nothing(Outcome::Restless))
}

/// `None`: the platform tells no totals.
async fn totals(
    engine: &Engine,
    closing: &mut Closing,
    as_of: Date,
) -> Result<Option<platform::Totals>, Stop> {
    let Some(source) = &closing.source else {
        return Err(Stop::Cut);
    };
    let memory = (&closing.run, closing.state.memory());
    let told = match fetch_totals(engine, source, memory, as_of).await {
        Err(Stop::Refused(platform::Error::Unsupported { .. })) => return Ok(None),
        told => told?,
    };
    let Told {
        totals,
        platform_time,
    } = told;
    closing.last_answer = closing
        .last_answer
        .max(platform_time.unwrap_or(closing.last_answer));
    Ok(Some(totals))
}

/// The platform did not answer as it should: come again, or say why the Run is closed as it is.
async fn stopped(
    engine: &Engine,
    job: &jobs::Job,
    closing: &Closing,
    stop: Stop,
) -> Result<Option<String>, jobs::Error> {
    let attempts = job.attempts + 1;
    let error = match stop {
        Stop::Job(error) if error.is_lost_lease() || attempts <= state::MOST_ATTEMPTS => return Err(error),
        // A Run that ends without having been closed is better than one that never ends.
        Stop::Job(error) => {
            error!(run.id = %closing.run.id, error = %chain(&error), "A Run is closed as it is");
            return Ok(Some("The Run could not be closed: it failed here.".into()));
        }
        Stop::Cut => return Ok(Some("The connection was cut before the Run was closed.".into())),
        Stop::Refused(error) => error,
    };
    let wait = match state::wait(&error, attempts) {
        Some(Some(announced)) => later(engine.now(), announced),
        Some(None) => later(engine.now(), backoff::after(attempts, jitter(engine))),
        None => {
            if let (platform::Error::NeedsReauth(what, _), Some(source)) = (&error, &closing.source) {
                read_feed::lose(engine, source, *what, &error).await?;
            }
            return Ok(Some(format!("The Run could not be closed: {error}.")));
        }
    };
    if wait > closing.state.patient_until() {
        return Ok(Some(format!("The Run could not be closed in time: {error}.")));
    }
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::postpone(&mut tx, job.id, job.fence, wait, attempts).await?;
    tx.commit().await?;
    Ok(None)
}

/// The one step that ends the Run: what was found, and its event.
async fn finish(engine: &Engine, job: &jobs::Job, closing: Closing, found: Found) -> Result<(), jobs::Error> {
    pass::clear(engine, job, &closing).await?;
    let standing = Standing {
        is_set: closing.is_set,
        complete: closing.complete().count(),
        failed: closing.pulls.len() - closing.complete().count(),
        left_out: closing.left_out,
        outcome: &found.outcome,
        checks: &found.checks,
    };
    let Level { status, reason } = level::of(&standing);
    let consistency = Consistency {
        run_id: closing.run.id.0,
        status,
        as_of: found.as_of,
        window_start: Instant(closing.state.window_start()),
        window_end: Instant(closing.last_answer),
        passes: closing.state.passes,
        checks: found.checks,
        reason,
    };
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let company = companies::lock(&mut tx, closing.run.app, closing.run.company).await?;
    let run = runs::find(&mut tx, closing.run.app, closing.run.id).await?;
    if let Some((run, company)) = run.zip(company) {
        let unpublished: Vec<_> = closing.state.unpublished().collect();
        publications::forget(&mut tx, run.app, &unpublished).await?;
        closings::close(&mut tx, run.app, run.id, closing.state.published(), &consistency).await?;
        end::complete_run(engine, &mut tx, &run, &company, Some(consistency)).await?;
    }
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    info!(run.id = %closing.run.id, passes = closing.state.passes, ?status, "Closed a Run");
    Ok(())
}
