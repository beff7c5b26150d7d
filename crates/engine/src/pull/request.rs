use jiff::tz::TimeZone;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{FeedRead, Pull, PullState, Reason, Run};
use ledgerline_model::{
    DataPeriod, DataType, Date, FeedReadId, PublicationId, PullId, RunId, Timestamp, Window,
};
use ledgerline_platform::About;
use ledgerline_store::{Tx, connections, feed_reads, publications, pulls, runs, settings, status};

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
) -> Result<Pull, Error> {
    let about = about(engine, connection)?;
    if !about.supports(data_type) {
        return Err(Error::NotSupported {
            data_type,
            platform: about.name.to_owned(),
        });
    }
    let mut pulls = start(engine, tx, connection, about, &[data_type], reason).await?;
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
) -> Result<Vec<Pull>, Error> {
    match connections::active(tx, company.app, company.id).await? {
        Some(connection) if connection.state.is_active() => {
            start_initial(engine, tx, company, &connection, reason).await
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
    let about = about(engine, connection)?;
    let mut data_types = settings::fetch_on_first_link(tx, company.app, company.id).await?;
    data_types.retain(|data_type| about.supports(*data_type));
    start(engine, tx, connection, about, &data_types, reason).await
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
    let started_types: Vec<DataType> = started.iter().map(|pull| pull.data_type).collect();
    queue_reads(engine, tx, &row, connection, about, &started_types, 1).await?;
    Ok(started)
}

/// Queue a read of each feed that serves one of these types.
pub(super) async fn queue_reads(
    engine: &Engine,
    tx: &mut Tx,
    run: &Run,
    connection: &Connection,
    about: &About,
    data_types: &[DataType],
    pass: i64,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let serving = about.feeds.iter().filter_map(|feed| {
        let wanted: Vec<DataType> = feed
            .data_types
            .iter()
            .copied()
            .filter(|data_type| data_types.contains(data_type))
            .collect();
        (!wanted.is_empty()).then_some((feed.name, wanted))
    });
    for (lane, (feed, wanted)) in serving.enumerate() {
        let read = FeedRead {
            app: run.app,
            id: FeedReadId(engine.uuid()),
            run: run.id,
            connection: run.connection,
            feed: feed.to_owned(),
            wanted,
            window: Window::ALL,
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
