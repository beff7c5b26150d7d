use std::collections::{BTreeMap, HashMap, HashSet};

use ledgerline_model::run::{FeedRead, Pull};
use ledgerline_model::{DataType, Timestamp};
use ledgerline_platform::{Changes, Feed};
use ledgerline_store::Tx;
use ledgerline_store::records::Place;
use ledgerline_store::{changes, companies, connections, issues, publications, pulls, records, status};
use tracing::info;
use uuid::Uuid;

use super::super::fetch::{Stop, fetch};
use super::super::overwrite::{self, Applied};
use super::super::sort::{self, Rows};
use super::super::store_page::{compare, note_issues};
use super::super::sweep::{self, Survey, Verdict};
use super::Closing;
use crate::{Engine, jobs};

/// What a pass found.
pub(super) struct Found {
    /// Records that are not as they are stored.
    pub count: usize,
    /// The platform's clock when each read was begun.
    pub marks: BTreeMap<Uuid, Timestamp>,
}

/// Ask every feed of the Run for what changed since it was read, and stage it. Feeds that cannot tell are read anew;
/// statements come last, and only where something else may have changed them.
pub(super) async fn read(engine: &Engine, job: &jobs::Job, closing: &mut Closing) -> Result<Found, Stop> {
    clear(engine, job, closing).await?;
    let mut found = Found {
        count: 0,
        marks: BTreeMap::new(),
    };
    let (statements, others): (Vec<FeedRead>, Vec<FeedRead>) = again(closing)
        .into_iter()
        .partition(|read| read.wanted.iter().all(|data_type| data_type.is_statement()));
    for read in others {
        read_again(engine, job, closing, read, &mut found).await?;
    }
    if found.count > 0 || closing.state.passes == 0 {
        for read in statements {
            read_again(engine, job, closing, read, &mut found).await?;
        }
    }
    Ok(found)
}

/// The Run's reads once more, for the types whose Pulls ended well.
fn again(closing: &Closing) -> Vec<FeedRead> {
    let Some(source) = &closing.source else {
        return Vec::new();
    };
    let feeds = source.platform.about().feeds;
    let mut reads = Vec::new();
    for read in &closing.reads {
        let Some(feed) = feeds.iter().find(|feed| feed.name == read.feed) else {
            continue;
        };
        let mut wanted = read.wanted.clone();
        wanted.retain(|data_type| closing.complete().any(|pull| pull.data_type == *data_type));
        if wanted.is_empty() {
            continue;
        }
        reads.push(FeedRead {
            since: since(feed, &wanted, closing.state.mark(read.id)),
            wanted,
            cursor: None,
            pages: 0,
            objects: 0,
            pass: closing.state.memory(),
            platform_time: None,
            finished_at: None,
            ..read.clone()
        });
    }
    reads
}

/// `None`: one of the types has to be read in full.
fn since(feed: &Feed, wanted: &[DataType], mark: Option<Timestamp>) -> Option<Timestamp> {
    let mut earliest = mark?;
    for &data_type in wanted {
        match feed.strategy_of(data_type).cursor {
            Changes::ModifiedSince { overlap } => {
                let since = mark?.checked_sub(overlap).unwrap_or(Timestamp::MIN);
                earliest = earliest.min(since);
            }
            Changes::Unknown => return None,
        }
    }
    Some(earliest)
}

async fn read_again(
    engine: &Engine,
    job: &jobs::Job,
    closing: &mut Closing,
    mut read: FeedRead,
    found: &mut Found,
) -> Result<(), Stop> {
    // Only lists that are short cannot tell what changed.
    let mut seen: HashMap<DataType, HashSet<String>> = HashMap::new();
    loop {
        let source = closing.source.as_ref().ok_or(Stop::Cut)?;
        let fetched = fetch(engine, source, &read, read.cursor.as_deref()).await?;
        if let Some(at) = fetched.page.platform_time {
            closing.last_answer = closing.last_answer.max(at);
            found.marks.entry(read.id.0).or_insert(at);
        }
        let mut sorted = sort::by_data_type(fetched.page.rows);
        let mut held = Vec::new();
        for pull in staging(closing, &read) {
            let rows = sorted.remove(&pull.data_type).unwrap_or_default();
            if read.since.is_none() {
                let ids = rows.ids().into_iter().map(str::to_owned);
                seen.entry(pull.data_type).or_default().extend(ids);
            }
            if rows.len() > 0 {
                held.push((pull, rows));
            }
        }
        // Mostly a page holds nothing.
        if !held.is_empty() {
            let mut tx = engine.store.write_page().await?;
            ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
            for (pull, rows) in held {
                found.count += stage(engine, &mut tx, &read, &pull, fetched.asked_at_seq, rows).await?;
            }
            tx.commit().await?;
        }
        read.pages += 1;
        match fetched.page.next {
            Some(next) => read.cursor = Some(next.0),
            None => break,
        }
    }
    if read.since.is_none() {
        for pull in staging(closing, &read) {
            let seen = seen.remove(&pull.data_type).unwrap_or_default();
            found.count += stage_unseen(engine, job, &read, &pull, &seen).await?;
        }
    }
    Ok(())
}

/// The Run's Pulls of these types, as those of the publication that the pass will make.
fn staging(closing: &Closing, read: &FeedRead) -> Vec<Pull> {
    closing
        .complete()
        .filter(|pull| read.wanted.contains(&pull.data_type))
        .filter_map(|pull| closing.state.staged(pull))
        .collect()
}

/// How many of the rows are not as they are stored.
async fn stage(
    engine: &Engine,
    tx: &mut Tx,
    read: &FeedRead,
    pull: &Pull,
    asked_at_seq: i64,
    mut rows: Rows,
) -> Result<usize, jobs::Error> {
    note_issues(engine, tx, read, pull, &mut rows).await?;
    if let Some(from) = pull.window.modified_from {
        rows.retain_modified_from(from);
    }
    let compared = compare(tx, read, pull, rows, true).await?;
    let different = compared.different;
    let count = different.present.len() + different.gone.len();
    overwrite::stage(tx, pull, &read.feed, asked_at_seq, different).await?;
    Ok(count)
}

/// A whole list was read: what it did not hold is gone. One that is suspiciously short is not believed.
async fn stage_unseen(
    engine: &Engine,
    job: &jobs::Job,
    read: &FeedRead,
    pull: &Pull,
    seen: &HashSet<String>,
) -> Result<usize, Stop> {
    let place = Place {
        app: pull.app,
        connection: pull.connection,
        data_type: pull.data_type,
        feed: &read.feed,
    };
    let mut survey = Survey::default();
    let mut unseen = Vec::new();
    // Statements outside of the window stay.
    if pull.data_type.is_statement() {
        return Ok(0);
    }
    let mut tx = engine.store.read().await?;
    let asked_at_seq = publications::last_seq(&mut tx, pull.app).await?;
    records::each_live_id(&mut tx, &place, |id| {
        survey.live += 1;
        if !seen.contains(&id) {
            survey.unseen += 1;
            unseen.push(id);
        }
    })
    .await?;
    drop(tx);
    match sweep::judge(survey, false) {
        Verdict::Nothing => return Ok(0),
        Verdict::Sweep => {}
        Verdict::LookAgain | Verdict::Refuse => {
            return Err(Stop::Refused(ledgerline_platform::Error::Rejected {
                code: "short list".into(),
                message: format!(
                    "{} of {} {} were left out of a list",
                    survey.unseen, survey.live, pull.data_type
                ),
                field: None,
            }));
        }
    }
    let count = unseen.len();
    let mut tx = engine.store.write_page().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    changes::stage_gone(&mut tx, pull, &read.feed, asked_at_seq, unseen).await?;
    tx.commit().await?;
    Ok(count)
}

/// The one step: everything that the pass found becomes visible, for all types.
pub(super) async fn publish(
    engine: &Engine,
    job: &jobs::Job,
    closing: &mut Closing,
    marks: BTreeMap<Uuid, Timestamp>,
) -> Result<(), Stop> {
    let run = closing.run.clone();
    let mut state = closing.state.clone();
    state.passed(marks);
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    companies::lock(&mut tx, run.app, run.company).await?;
    let connection = connections::lock(&mut tx, run.app, run.connection).await?;
    if !connection.is_some_and(|connection| connection.state.is_active()) {
        return Err(Stop::Cut);
    }
    let mut complete: Vec<&Pull> = closing.complete().collect();
    complete.sort_by_key(|pull| pull.id);
    let mut published = Vec::new();
    for pull in complete {
        let pull = pulls::lock(&mut tx, run.app, pull.id).await?;
        let Some((staged, pull)) = pull.and_then(|pull| Some((state.staged(&pull)?, pull))) else {
            continue;
        };
        if apply(&mut tx, &staged, pull).await? {
            published.push(staged);
        }
    }
    let data_types: Vec<DataType> = published.iter().map(|pull| pull.data_type).collect();
    let publications: Vec<_> = published.iter().map(|pull| pull.publication).collect();
    state.publish(&data_types);
    state.save(engine, &mut tx, &run, closing.complete()).await?;
    if !publications.is_empty() {
        publications::publish_together(&mut tx, run.app, &publications, engine.now()).await?;
    }
    tx.commit().await?;
    info!(run.id = %run.id, passes = state.passes, "Published {data_types:?}, changed while the Run was reading");
    closing.state = state;
    Ok(())
}

/// Whether anything of the type has changed.
async fn apply(tx: &mut Tx, staged: &Pull, mut pull: Pull) -> Result<bool, jobs::Error> {
    let Applied {
        present,
        gone,
        appearing,
    } = overwrite::staged(tx, staged).await?;
    if present + gone == 0 {
        return Ok(false);
    }
    let Pull {
        app,
        connection,
        data_type,
        publication,
        ..
    } = *staged;
    status::republished(tx, app, connection, data_type, publication, appearing - gone).await?;
    pull.changed += present;
    pull.deleted += gone;
    pulls::save(tx, &pull).await?;
    Ok(true)
}

/// Nothing was found, and still the books are not the same: the next pass asks from here on.
pub(super) async fn keep(
    engine: &Engine,
    job: &jobs::Job,
    closing: &mut Closing,
    marks: BTreeMap<Uuid, Timestamp>,
) -> Result<(), jobs::Error> {
    closing.state.advance(marks);
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    closing.state.keep(&mut tx, &closing.run).await?;
    tx.commit().await?;
    Ok(())
}

/// Rows of one transaction.
const BATCH: i64 = 2000;

/// Delete what a pass that was broken off had staged, and what the Pulls themselves had.
pub(super) async fn clear(engine: &Engine, job: &jobs::Job, closing: &Closing) -> Result<(), jobs::Error> {
    let mut tx = engine.store.read().await?;
    let left = pulls::with_leftovers(&mut tx, closing.run.app, closing.run.id).await?;
    drop(tx);
    for pull in closing.complete().filter(|pull| left.contains(&pull.id)) {
        let Some(pull) = closing.state.staged(pull) else {
            continue;
        };
        loop {
            let mut tx = engine.store.write_page().await?;
            ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
            let deleted = changes::clear(&mut tx, pull.app, pull.id, BATCH).await?
                + issues::clear(&mut tx, pull.app, pull.id, pull.publication, BATCH).await?;
            tx.commit().await?;
            if deleted == 0 {
                break;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use ledgerline_platform::Strategy;

    use super::*;

    #[test]
    fn only_a_feed_that_tells_changes_of_all_types_is_asked_for_them() {
        let feed = Feed {
            name: "documents",
            data_types: &[DataType::Invoices, DataType::Bills],
            strategy: Strategy::MODIFIED_SINCE,
            exceptions: &[(DataType::Bills, Strategy::RELIST)],
        };
        let mark: Timestamp = "2027-03-05T12:00:00Z".parse().unwrap();
        let five = SignedDuration::from_mins(5);
        assert_eq!(since(&feed, &[DataType::Invoices], Some(mark)), Some(mark - five));
        assert_eq!(
            since(&feed, &[DataType::Invoices, DataType::Bills], Some(mark)),
            None
        );
        assert_eq!(since(&feed, &[DataType::Invoices], None), None);
    }
}
