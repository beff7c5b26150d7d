use ledgerline_model::IssueId;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::planted::{self, Bug};
use ledgerline_model::run::{FeedRead, Pull, PullState};
use ledgerline_platform::Page;
use ledgerline_store::issues::{Finding, Found, Origin};
use ledgerline_store::records::Place;
use ledgerline_store::{
    Tx, changes, companies, connections, feed_reads, issues, publications, pulls, records, references,
};

use super::fetch::Fetched;
use super::overwrite::{self, Applied, Compared};
use super::sort::{self, Rows};
use super::{CompletePull, complete, end, fetch::Source};
use crate::{Engine, jobs};

/// How the read stands after a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stored {
    More,
    Finished,
    /// No Pull needs the feed any more.
    Unwanted,
}

/// Store a page: its rows, the cursor behind it and all counters in one transaction, guarded by the fence.
pub(super) async fn store_page(
    engine: &Engine,
    job: &jobs::Job,
    source: &Source,
    read: &mut FeedRead,
    fetched: Fetched,
) -> Result<Stored, jobs::Error> {
    let Fetched {
        page,
        asked_at_seq,
        pages,
    } = fetched;
    let Page {
        rows,
        next,
        platform_time,
        expected,
        objects,
    } = page;
    if let Some(next) = next.as_ref().filter(|_| planted::is(Bug::CursorBeforeRows)) {
        let ahead = FeedRead {
            cursor: Some(next.0.clone()),
            ..read.clone()
        };
        let mut tx = engine.store.write_page().await?;
        feed_reads::save(&mut tx, &ahead).await?;
        tx.commit().await?;
        let a_moment = std::time::Duration::from_millis(150);
        engine
            .clock
            .sleep_until(jobs::lease::later(engine.now(), a_moment))
            .await;
    }
    // Sorted before the transaction, which on SQLite keeps all others waiting.
    let mut sorted = sort::by_data_type(rows);
    let finished = next.is_none();
    // The last page completes Pulls: what readers see must outlive a power cut.
    let mut tx = if finished {
        engine.store.write_last_page().await?
    } else {
        engine.store.write_page().await?
    };
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let locked = match finished {
        true => lock(&mut tx, &source.connection).await?,
        false => None,
    };
    let active = pulls_of(&mut tx, read).await?;
    if active.is_empty() {
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
        tx.commit().await?;
        return Ok(Stored::Unwanted);
    }
    let now = engine.now();
    read.objects += i64::try_from(objects).unwrap_or(i64::MAX);
    let mut reads = match finished {
        true => feed_reads::of_run(&mut tx, read.app, read.run).await?,
        false => Vec::new(),
    };
    let mut ended = Vec::new();
    for mut pull in active {
        let rows = sorted.remove(&pull.data_type).unwrap_or_default();
        pull.state = PullState::Fetching;
        pull.paused_until = None;
        pull.message = None;
        pull.first_asked_seq = Some(
            pull.first_asked_seq
                .map_or(asked_at_seq, |seq| seq.min(asked_at_seq)),
        );
        let ends = finished && pull.feeds_left == 1;
        let is_all = ends && !pull.first_load && complete::is_plain(&pull, &reads);
        let is_all = is_all && !changes::any(&mut tx, &pull).await?;
        let applied = store_rows(engine, &mut tx, read, &mut pull, asked_at_seq, rows, is_all).await?;
        pull.expected = expect(source, read, &pull, expected);
        if finished {
            pull.feeds_left -= 1;
        }
        if ends {
            ended.push((pull, applied));
        } else {
            pulls::save(&mut tx, &pull).await?;
        }
    }
    read.pages += pages;
    read.cursor = next.map(|next| next.0);
    read.platform_time = if planted::is(Bug::MarkOfLastAnswer) {
        platform_time.or(read.platform_time)
    } else {
        read.platform_time.or(platform_time)
    };
    read.last_progress_at = now;
    read.finished_at = finished.then_some(now);
    feed_reads::save(&mut tx, read).await?;
    if finished {
        ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
        if let Some(own) = reads.iter_mut().find(|other| other.id == read.id) {
            own.clone_from(read);
        }
        complete_all(engine, &mut tx, read, locked, ended, &reads).await?;
    }
    tx.commit().await?;
    Ok(if finished { Stored::Finished } else { Stored::More })
}

/// Company and connection, in the order that everybody keeps; `None` where they are gone.
async fn lock(tx: &mut Tx, connection: &Connection) -> Result<Option<(Company, Connection)>, jobs::Error> {
    let Connection { app, id, company, .. } = *connection;
    let company = companies::lock(tx, app, company).await?;
    let connection = connections::lock(tx, app, id).await?;
    Ok(company.zip(connection))
}

/// Of these Pulls the last feed has been read. What they have read becomes visible with its last page, unless
/// something has to be looked for first: that is a job of its own.
async fn complete_all(
    engine: &Engine,
    tx: &mut Tx,
    read: &FeedRead,
    locked: Option<(Company, Connection)>,
    ended: Vec<(Pull, Option<Applied>)>,
    reads: &[FeedRead],
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let mut published = Vec::new();
    for (mut pull, applied) in ended {
        pull.state = PullState::Processing;
        if complete::is_plain(&pull, reads) {
            complete::apply(engine, tx, &mut pull, reads, applied).await?;
            published.push(pull.publication);
        } else {
            pulls::save(tx, &pull).await?;
            let payload = CompletePull::of(pull.id);
            jobs::enqueue(tx, pull.app, jobs::PULL_COMPLETE, &payload, None, now).await?;
        }
    }
    if !published.is_empty() {
        connections::synced(tx, read.app, read.connection, now).await?;
        let ended = count(published.len());
        match locked {
            Some((company, connection)) => {
                end::count_down_of(engine, tx, read.run, &company, Some(connection), ended).await?;
            }
            None => end::count_down(engine, tx, read.app, read.run, ended).await?,
        }
        for publication in published {
            publications::publish(tx, read.app, publication, now).await?;
        }
    }
    Ok(())
}

/// The active Pulls that the feed is read for, locked.
pub(super) async fn pulls_of(tx: &mut Tx, read: &FeedRead) -> Result<Vec<Pull>, jobs::Error> {
    let mut active = pulls::lock_active_of_run(tx, read.app, read.run).await?;
    active.retain(|pull| read.wanted.contains(&pull.data_type));
    Ok(active)
}

/// `is_all`: the Pull has read nothing else, and ends with this page. Then what has changed is written at once.
async fn store_rows(
    engine: &Engine,
    tx: &mut Tx,
    read: &FeedRead,
    pull: &mut Pull,
    asked_at_seq: i64,
    mut rows: Rows,
    is_all: bool,
) -> Result<Option<Applied>, jobs::Error> {
    if rows.len() == 0 {
        return Ok(None);
    }
    // A second enumeration only looks again: its counts and issues are those of the first.
    if read.pass == 1 {
        pull.read += count(rows.len());
        pull.gone += count(rows.gone.len());
        pull.quarantined += count(rows.quarantined.len());
        note_issues(engine, tx, read, pull, &mut rows).await?;
    }
    if pull.first_load {
        if let Some(from) = pull.window.modified_from {
            rows.retain_modified_from(from);
        }
        let place = place_of(read, pull);
        pull.changed += count(rows.present.len());
        note_references(tx, read, pull, &rows.present).await?;
        if !rows.present.is_empty() {
            records::load(tx, &place, pull.publication, rows.present).await?;
        }
        if !rows.gone.is_empty() {
            records::unload(tx, &place, pull.publication, rows.gone).await?;
        }
        return Ok(None);
    }
    if read.since.is_none() {
        feed_reads::see(tx, read, read.pages, pull.data_type, &rows.ids()).await?;
    }
    if let Some(from) = pull.window.modified_from {
        rows.retain_modified_from(from);
    }
    let compared = compare(tx, read, pull, rows, !is_all).await?;
    if is_all {
        let applied = overwrite::at_once(tx, pull, &read.feed, asked_at_seq, compared).await?;
        return Ok(Some(applied));
    }
    pull.changed += count(compared.different.fresh);
    overwrite::stage(tx, pull, &read.feed, asked_at_seq, compared.different).await?;
    Ok(None)
}

/// Keep what is wrong with the records of a page, from the publication of the Pull on.
pub(super) async fn note_issues(
    engine: &Engine,
    tx: &mut Tx,
    read: &FeedRead,
    pull: &Pull,
    rows: &mut Rows,
) -> Result<(), jobs::Error> {
    let found = std::mem::take(&mut rows.issues)
        .into_iter()
        .map(|(issue, source)| Found {
            id: IssueId(engine.uuid()),
            issue,
            source,
            about: None,
        });
    let finding = Finding {
        pull,
        feed: &read.feed,
        origin: Origin::Record,
    };
    let looked_at = rows.ids().into_iter().map(str::to_owned).collect();
    Ok(issues::note(tx, finding, looked_at, found.collect()).await?)
}

/// What of a page is not as it is stored; what it names is kept.
pub(super) async fn compare(
    tx: &mut Tx,
    read: &FeedRead,
    pull: &Pull,
    rows: Rows,
    may_be_staged: bool,
) -> Result<Compared, jobs::Error> {
    let compared = overwrite::compare(tx, pull, &read.feed, rows, may_be_staged).await?;
    note_references(tx, read, pull, &compared.different.present).await?;
    Ok(compared)
}

/// Keep what the records that have changed name: when the Run is closed, it is seen whether that is there.
async fn note_references(
    tx: &mut Tx,
    read: &FeedRead,
    pull: &Pull,
    changed: &[(String, records::Content)],
) -> Result<(), jobs::Error> {
    let named = changed.iter().flat_map(|(_, content)| &content.references);
    Ok(references::note(tx, read, pull.data_type, named).await?)
}

fn place_of<'a>(read: &'a FeedRead, pull: &Pull) -> Place<'a> {
    Place {
        app: pull.app,
        connection: pull.connection,
        data_type: pull.data_type,
        feed: &read.feed,
    }
}

/// How many rows there will be. A platform counts the objects of the whole feed; of a feed that serves
/// several types this type's share so far is assumed of the rest.
fn expect(source: &Source, read: &FeedRead, pull: &Pull, objects: Option<u64>) -> Option<i64> {
    let feeds = source.platform.about().feeds_of(pull.data_type).count();
    let objects = objects.filter(|_| feeds == 1 && read.pass == 1);
    let Some(objects) = objects else {
        return pull.expected;
    };
    let share = i128::from(pull.read) * i128::from(objects) / i128::from(read.objects.max(1));
    i64::try_from(share).ok().map(|rows| rows.max(pull.read))
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
