use jiff::tz::TimeZone;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{Extent, FeedRead, Pull, PullState, Reason, Run};
use ledgerline_model::{
    DataPeriod, DataType, Date, FeedReadId, PublicationId, PullId, RunId, Timestamp, Window,
};
use ledgerline_platform::{About, Feed};
use ledgerline_store::{Tx, connections, feed_reads, publications, pulls, runs, settings, status};

use super::extent::{self, Standing};
use super::{Error, ReadFeed};
use crate::{Engine, jobs};

/// Ask for one data type. The caller's transaction makes it happen.
pub async fn request(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    data_type: DataType,
    reason: Reason,
    extent: Extent,
) -> Result<Pull, Error> {
    let about = about(engine, connection)?;
    if !about.supports(data_type) {
        return Err(Error::NotSupported {
            data_type,
            platform: about.name.to_owned(),
        });
    }
    let mut pulls = start(engine, tx, connection, about, &[data_type], reason, extent).await?;
    if let Some(pull) = pulls.pop() {
        return Ok(pull);
    }
    match pulls::active(tx, company.app, connection.id, data_type).await? {
        Some(running) => Err(Error::AlreadyInProgress {
            company: company.id,
            running: running.id,
            data_type,
        }),
        // It has ended since; whoever asks again succeeds.
        None => Err(jobs::Error::Failed(format!("the Pull of {data_type} could not be queued")).into()),
    }
}

/// Ask for every type that is fetched on the first link, but for those that are being read already.
pub async fn request_all(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    reason: Reason,
    extent: Extent,
) -> Result<Vec<Pull>, Error> {
    match connections::active(tx, company.app, company.id).await? {
        Some(connection) if connection.state.is_active() => {
            start_fetched_first(engine, tx, company, &connection, reason, extent).await
        }
        Some(_) | None => Err(Error::NotLinked),
    }
}

/// Ask for every type that is fetched on the first link of this connection.
pub async fn start_initial(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    reason: Reason,
) -> Result<Vec<Pull>, Error> {
    start_fetched_first(engine, tx, company, connection, reason, Extent::Changes).await
}

async fn start_fetched_first(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    reason: Reason,
    extent: Extent,
) -> Result<Vec<Pull>, Error> {
    let about = about(engine, connection)?;
    let mut data_types = settings::fetch_on_first_link(tx, company.app, company.id).await?;
    data_types.retain(|data_type| about.supports(*data_type));
    start(engine, tx, connection, about, &data_types, reason, extent).await
}

fn about<'a>(engine: &'a Engine, connection: &Connection) -> Result<&'a About, Error> {
    if !connection.state.is_active() {
        return Err(Error::NotLinked);
    }
    let entry = engine.registry.find(&connection.platform);
    entry
        .map(ledgerline_platform::Entry::about)
        .ok_or(Error::NotLinked)
}

/// One Run with a Pull for each type that has no active one, and a read of each feed that serves them.
async fn start(
    engine: &Engine,
    tx: &mut Tx,
    connection: &Connection,
    about: &About,
    data_types: &[DataType],
    reason: Reason,
    extent: Extent,
) -> Result<Vec<Pull>, Error> {
    let now = engine.now();
    let app = connection.app;
    let run = RunId(engine.uuid());
    let mut started = Vec::new();
    for &data_type in data_types {
        let published = status::published(tx, app, connection.id, data_type).await?;
        let pull = Pull {
            app,
            id: PullId(engine.uuid()),
            run,
            company: connection.company,
            connection: connection.id,
            data_type,
            state: PullState::Queued,
            publication: PublicationId(engine.uuid()),
            first_load: published.is_none(),
            window: Window::ALL,
            requested_at: now,
            first_asked_seq: None,
            feeds_left: i64::try_from(about.feeds_of(data_type).count()).unwrap_or(i64::MAX),
            read: 0,
            expected: None,
            changed: 0,
            deleted: 0,
            quarantined: 0,
            paused_until: None,
            message: None,
        };
        if !pulls::insert(tx, &pull).await? {
            continue;
        }
        publications::insert(tx, app, pull.publication, connection.id, data_type, pull.id, run).await?;
        status::requested(tx, app, connection.id, data_type, pull.id).await?;
        started.push(pull);
    }
    if started.is_empty() {
        return Ok(started);
    }
    let reason = if runs::any_completed(tx, app, connection.id).await? {
        reason
    } else {
        Reason::Initial
    };
    let row = Run {
        app,
        id: run,
        company: connection.company,
        connection: connection.id,
        reason,
        period: None,
        data_period: Some(DataPeriod {
            start: None,
            end: last_closed_day(now, &TimeZone::UTC),
        }),
        created_at: now,
        finished_at: None,
        pulls_left: i64::try_from(started.len()).unwrap_or(i64::MAX),
    };
    runs::insert(tx, &row).await?;
    let mut marks = feed_reads::marks(tx, app, connection.id).await?;
    let is_first_load = |data_type| {
        started
            .iter()
            .any(|pull| pull.data_type == data_type && pull.first_load)
    };
    marks.retain(|mark| !is_first_load(mark.data_type));
    let standing = Standing {
        now,
        extent,
        mapping: i64::from(about.mapping),
        marks: &marks,
    };
    let started_types: Vec<DataType> = started.iter().map(|pull| pull.data_type).collect();
    let planned = serving(about, &started_types).map(|(feed, wanted)| Planned {
        since: extent::since(feed, &wanted, &standing),
        feed: feed.name.to_owned(),
        wanted,
        window: Window::ALL,
        mapping: standing.mapping,
    });
    queue_reads(engine, tx, &row, connection, planned.collect(), 1).await?;
    Ok(started)
}

/// The feeds that serve one of these types, and which of them each serves.
fn serving(about: &About, data_types: &[DataType]) -> impl Iterator<Item = (&'static Feed, Vec<DataType>)> {
    about.feeds.iter().filter_map(|feed| {
        let mut wanted = feed.data_types.to_vec();
        wanted.retain(|data_type| data_types.contains(data_type));
        (!wanted.is_empty()).then_some((feed, wanted))
    })
}

/// A read that is to be queued; see [`FeedRead`].
pub(super) struct Planned {
    pub feed: String,
    pub wanted: Vec<DataType>,
    pub window: Window,
    pub since: Option<Timestamp>,
    pub mapping: i64,
}

/// Queue reads of feeds.
pub(super) async fn queue_reads(
    engine: &Engine,
    tx: &mut Tx,
    run: &Run,
    connection: &Connection,
    planned: Vec<Planned>,
    pass: i64,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    for (lane, planned) in planned.into_iter().enumerate() {
        let read = FeedRead {
            app: run.app,
            id: FeedReadId(engine.uuid()),
            run: run.id,
            connection: run.connection,
            feed: planned.feed,
            wanted: planned.wanted,
            window: planned.window,
            since: planned.since,
            mapping: planned.mapping,
            restarts: 0,
            cursor: None,
            pages: 0,
            objects: 0,
            pass,
            platform_time: None,
            last_progress_at: now,
            finished_at: None,
        };
        feed_reads::insert(tx, &read).await?;
        let key = lane_key(connection, lane);
        jobs::enqueue(
            tx,
            run.app,
            jobs::FEED_READ,
            &ReadFeed::of(read.id),
            Some(key),
            now,
        )
        .await?;
    }
    Ok(())
}

/// So many feeds of one organisation are read at a time, by whichever node and for whichever app: one company
/// does not take all workers, and platforms limit the calls at once by organisation.
pub(crate) const LANES: u32 = 2;

fn lane_key(connection: &Connection, lane: usize) -> String {
    let lane = lane % LANES as usize;
    match &connection.organisation {
        Some(organisation) => format!(
            "{}/{}/{}/{lane}",
            connection.platform,
            connection.environment.key(),
            organisation.id
        ),
        None => format!("{}/{}/{lane}", connection.app, connection.id),
    }
}

/// The last day of the last month that is over.
fn last_closed_day(now: Timestamp, zone: &TimeZone) -> Date {
    let first = now.to_zoned(zone.clone()).date().first_of_month();
    first.yesterday().unwrap_or(first)
}
