use ledgerline_model::planted::{self, Bug};
use ledgerline_model::run::{Cause, Failure, FeedRead, Pull, PullState, Run};
use ledgerline_model::{DataType, PullId, Window};
use ledgerline_store::feed_reads::Mark;
use ledgerline_store::status::Published;
use ledgerline_store::{
    Tx, changes, companies, connections, feed_reads, issues, publications, pulls, records, runs, status,
};
use tracing::{info, warn};

use super::overwrite::{self, Applied};
use super::request::{self, Planned};
use super::sweep::{self, Survey, Verdict};
use super::{CompletePull, end};
use crate::{Engine, jobs};

/// Make visible what a Pull has read, once all its feeds have been read to their ends.
pub(crate) async fn complete(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let CompletePull { pull } = jobs::payload(job)?;
    let mut tx = engine.store.read().await?;
    let pull = pulls::find(&mut tx, job.app, PullId(pull)).await?;
    let reads = match &pull {
        Some(pull) => feed_reads::of_run(&mut tx, job.app, pull.run).await?,
        None => Vec::new(),
    };
    drop(tx);
    let Some(mut pull) = pull.filter(|pull| pull.state == PullState::Processing) else {
        return done(engine, job).await;
    };
    if !pull.first_load {
        let looked_again = reads
            .iter()
            .any(|read| read.pass == 2 && read.wanted.contains(&pull.data_type));
        let survey = survey(engine, &pull, &reads).await?;
        match sweep::judge(survey, looked_again) {
            Verdict::Nothing => {}
            Verdict::Sweep => pull.changed += stage_sweep(engine, job, &pull, &reads).await?,
            Verdict::LookAgain => return look_again(engine, job, &pull, &reads, survey).await,
            Verdict::Refuse => return refuse(engine, job, &pull, survey).await,
        }
        stage_healed(engine, job, &pull, &reads).await?;
    }
    publish(engine, job, &pull, &reads).await
}

async fn done(engine: &Engine, job: &jobs::Job) -> Result<(), jobs::Error> {
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(())
}

/// So many staged records are written over what readers see with no more memory than a page of records takes.
const FEW: i64 = 1000;

/// The one step: everything that the Pull found becomes visible, or nothing.
async fn publish(
    engine: &Engine,
    job: &jobs::Job,
    pull: &Pull,
    reads: &[FeedRead],
) -> Result<(), jobs::Error> {
    let mut tx = if pull.changed <= FEW {
        engine.store.write_last_page().await?
    } else {
        engine.store.write().await?
    };
    let Some((mut pull, _)) = hold(&mut tx, job, pull).await? else {
        tx.commit().await?;
        return Ok(());
    };
    apply(engine, &mut tx, &mut pull, reads, None).await?;
    connections::synced(&mut tx, pull.app, pull.connection, engine.now()).await?;
    end::count_down(engine, &mut tx, pull.app, pull.run, 1).await?;
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    publications::publish(&mut tx, pull.app, pull.publication, engine.now()).await?;
    tx.commit().await?;
    info!(
        pull.id = %pull.id, company.id = %pull.company, pull.read, pull.changed, pull.deleted,
        "Published {}", pull.data_type
    );
    Ok(())
}

/// Whether nothing has to be looked for before the Pull completes: what it has read is all that is to be published,
/// since it is the first of its type or has asked for changes alone.
pub(super) fn is_plain(pull: &Pull, reads: &[FeedRead]) -> bool {
    let mut own = reads.iter().filter(|read| read.wanted.contains(&pull.data_type));
    pull.first_load || own.all(|read| read.pass == 1 && read.since.is_some())
}

/// Write what the Pull has read over what readers see, unless that is `applied` already. The publication itself, which
/// locks the app's row, the count of the Run's Pulls and the connection's last sync are left to the caller: they come
/// last.
pub(super) async fn apply(
    engine: &Engine,
    tx: &mut Tx,
    pull: &mut Pull,
    reads: &[FeedRead],
    applied: Option<Applied>,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let Pull {
        app,
        connection,
        data_type,
        publication,
        ..
    } = *pull;
    let standing = status::standing(tx, app, connection, data_type).await?;
    let records = if pull.first_load {
        let loaded = records::count_loaded(tx, app, connection, data_type).await?;
        pull.changed = loaded;
        loaded
    } else {
        let Applied {
            present,
            gone,
            appearing,
        } = match applied {
            Some(applied) => applied,
            None => overwrite::staged(tx, pull).await?,
        };
        pull.changed = present;
        pull.deleted = gone;
        standing.published.map_or(0, |before| before.records) + appearing - gone
    };
    for read in reads
        .iter()
        .filter(|read| read.pass == 1 && read.wanted.contains(&data_type))
    {
        // Statements cannot be asked for changes: a read of certain days says nothing of the others.
        let is_current = pull.window.until.is_none() || pull.window.changed_from.is_some();
        if let Some(at) = read.platform_time.filter(|_| is_current) {
            let mark = Mark {
                data_type,
                feed: read.feed.clone(),
                at: if planted::is(Bug::MarkOfOurClock) { now } else { at },
                full_at: (read.since.is_none() && pull.window.is_whole()).then_some(now),
                mapping: read.mapping,
            };
            feed_reads::set_mark(tx, app, connection, &mark).await?;
        }
    }
    pull.state = PullState::Complete { at: now };
    pull.paused_until = None;
    pull.message = None;
    pulls::save(tx, pull).await?;
    let published = Published { publication, records };
    status::succeeded(tx, app, connection, data_type, pull.id, published, now).await?;
    cover(tx, pull, standing.covered).await?;
    if data_type == DataType::Company {
        learn_zone(engine, tx, pull).await?;
    }
    Ok(())
}

/// The organisation has said where it is: its calendar goes by that, unless the app says otherwise.
async fn learn_zone(engine: &Engine, tx: &mut Tx, pull: &Pull) -> Result<(), jobs::Error> {
    let (app, id) = (pull.app, pull.connection);
    let Some(connection) = connections::lock(tx, app, id).await? else {
        return Ok(());
    };
    let source = records::only_source(tx, app, id, DataType::Company).await?;
    let entry = engine.registry.find(&connection.platform);
    let zone = entry
        .zip(source)
        .and_then(|(entry, source)| entry.platform.zone(&source));
    match zone {
        Some(zone) if connection.zone.as_ref() != Some(&zone) => {
            Ok(connections::set_zone(tx, app, id, &zone).await?)
        }
        Some(_) | None => Ok(()),
    }
}

/// Note what of the history has been read by now. What was read before and reaches further back still holds.
async fn cover(tx: &mut Tx, pull: &Pull, covered: Option<Window>) -> Result<(), jobs::Error> {
    let Pull {
        app,
        connection,
        data_type,
        ..
    } = *pull;
    if !pull.window.is_whole() {
        return Ok(());
    }
    if !covered.is_some_and(|covered| covered.covers(&pull.window)) {
        status::cover(tx, app, connection, data_type, &pull.window).await?;
    }
    Ok(())
}

/// Lock what a completion changes, in the order that everybody keeps: job, company, connection, Pull. `None`:
/// the Pull has ended otherwise, and the job is done.
async fn hold(tx: &mut Tx, job: &jobs::Job, pull: &Pull) -> Result<Option<(Pull, Run)>, jobs::Error> {
    ledgerline_store::jobs::check_fence(tx, job.id, job.fence).await?;
    companies::lock(tx, pull.app, pull.company).await?;
    connections::lock(tx, pull.app, pull.connection).await?;
    let pull = pulls::lock(tx, pull.app, pull.id).await?;
    let pull = pull.filter(|pull| pull.state == PullState::Processing);
    let run = match &pull {
        Some(pull) => runs::find(tx, pull.app, pull.run).await?,
        None => None,
    };
    let held = pull.zip(run);
    if held.is_none() {
        ledgerline_store::jobs::done(tx, job.id, job.fence).await?;
    }
    Ok(held)
}

async fn survey(engine: &Engine, pull: &Pull, reads: &[FeedRead]) -> Result<Survey, jobs::Error> {
    let mut tx = engine.store.read().await?;
    sweep::survey(&mut tx, pull, reads, engine.now(), |_, _| {}).await
}

/// Rows of one transaction.
const BATCH: usize = 1000;

/// Stage that what was not seen is gone: how many records. Staged rows are seen by nobody, so that this may be done in
/// several transactions, and again after a crash.
async fn stage_sweep(
    engine: &Engine,
    job: &jobs::Job,
    pull: &Pull,
    reads: &[FeedRead],
) -> Result<i64, jobs::Error> {
    let mut unseen: Vec<(String, String)> = Vec::new();
    let mut tx = engine.store.read().await?;
    sweep::survey(&mut tx, pull, reads, engine.now(), |feed, id| {
        unseen.push((feed.to_owned(), id))
    })
    .await?;
    drop(tx);
    for batch in unseen
        .chunk_by(|one, other| one.0 == other.0)
        .flat_map(|feed| feed.chunks(BATCH))
    {
        let Some((feed, _)) = batch.first() else { continue };
        let ids = batch.iter().map(|(_, id)| id.clone()).collect();
        let asked_at_seq = pull.first_asked_seq.unwrap_or_default();
        let mut tx = engine.store.write_page().await?;
        ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
        changes::stage_gone(&mut tx, pull, feed, asked_at_seq, ids).await?;
        tx.commit().await?;
    }
    Ok(count(unseen.len() as u64))
}

/// Stage that nothing is wrong any more with what was not seen.
async fn stage_healed(
    engine: &Engine,
    job: &jobs::Job,
    pull: &Pull,
    reads: &[FeedRead],
) -> Result<(), jobs::Error> {
    let mut tx = engine.store.read().await?;
    let unseen = sweep::unseen_with_issues(&mut tx, pull, reads).await?;
    drop(tx);
    for (feed, records) in unseen {
        for batch in records.chunks(BATCH) {
            let mut tx = engine.store.write_page().await?;
            ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
            issues::forget_later(&mut tx, pull, &feed, batch.to_vec()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Enumerate the type's feeds once more, for this Pull alone.
async fn look_again(
    engine: &Engine,
    job: &jobs::Job,
    pull: &Pull,
    reads: &[FeedRead],
    survey: Survey,
) -> Result<(), jobs::Error> {
    warn!(
        pull.id = %pull.id, survey.live, survey.unseen,
        "{} of {} {} would be deleted: the platform is asked again", survey.unseen, survey.live, pull.data_type
    );
    let mut tx = engine.store.write().await?;
    if let Some((mut pull, run)) = hold(&mut tx, job, pull).await? {
        let enumerated = reads.iter().filter(|read| sweep::serves(read, &pull, 1));
        let planned: Vec<Planned> = enumerated
            .map(|read| Planned {
                feed: read.feed.clone(),
                wanted: vec![pull.data_type],
                window: read.window.clone(),
                since: None,
                mapping: read.mapping,
            })
            .collect();
        match connections::lock(&mut tx, pull.app, pull.connection).await? {
            Some(connection) => {
                pull.state = PullState::Fetching;
                pull.feeds_left = count(planned.len() as u64);
                pulls::save(&mut tx, &pull).await?;
                request::queue_reads(engine, &mut tx, &run, &connection, planned, 2).await?;
            }
            None => {
                let message = "The connection is gone.";
                end::end(engine, &mut tx, pull, Failure::Internal, message).await?;
            }
        }
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn refuse(engine: &Engine, job: &jobs::Job, pull: &Pull, survey: Survey) -> Result<(), jobs::Error> {
    let message = format!(
        "The platform left out {} of {} records, and showed {} of them when it was asked again: nothing was \
         deleted.",
        survey.unseen,
        survey.live,
        survey.unseen - survey.confirmed
    );
    let mut tx = engine.store.write().await?;
    if let Some((mut pull, _)) = hold(&mut tx, job, pull).await? {
        pull.cause = Some(Cause::ShortList);
        end::end(engine, &mut tx, pull, Failure::Fetch, &message).await?;
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
