use ledgerline_model::company::{Company, Profile};
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{Extent, FeedRead, Pull, PullState, Reason, Run};
use ledgerline_model::setting::Setting;
use ledgerline_model::{DataType, Days, FeedReadId, PublicationId, PullId, RunId, Timestamp, Window};
use ledgerline_platform::{About, Feed};
use ledgerline_store::feed_reads::Mark;
use ledgerline_store::{
    Tx, closings, companies, connections, feed_reads, publications, pulls, runs, settings, status,
};

use super::extent::{self, Standing};
use super::{Error, ReadFeed};
use crate::{Engine, jobs, schedule};

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
    let (company, connection) = hold(tx, company, connection).await?;
    let about = about(engine, &connection)?;
    if !about.supports(data_type) {
        return Err(Error::NotSupported {
            data_type,
            platform: about.name.to_owned(),
        });
    }
    let asked = Asked {
        company: &company,
        connection: &connection,
        data_types: &[data_type],
        reason,
        extent,
        period: None,
        days: None,
    };
    if let Some(pull) = start(engine, tx, asked).await?.pop() {
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
    let connection = connections::active(tx, company.app, company.id).await?;
    let connection = connection.ok_or(Error::NotLinked)?;
    let (company, connection) = hold(tx, company, &connection).await?;
    start_fetched_first(engine, tx, &company, &connection, (reason, extent), None).await
}

/// Ask for every type that is fetched on the first link of this connection. The caller holds the company.
pub async fn start_initial(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    reason: Reason,
) -> Result<Vec<Pull>, Error> {
    start_fetched_first(engine, tx, company, connection, (reason, Extent::Changes), None).await
}

/// Ask for certain days of every type that is fetched on the first link, after the first Run, which reads what the
/// settings say. What lies outside of these days stays as it is, but for what has changed. The caller holds the
/// company.
pub async fn start_days(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    days: Days,
) -> Result<Vec<Pull>, Error> {
    let why = (Reason::OnDemand, Extent::Changes);
    start_fetched_first(engine, tx, company, connection, why, Some(days)).await
}

async fn start_fetched_first(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    (reason, extent): (Reason, Extent),
    days: Option<Days>,
) -> Result<Vec<Pull>, Error> {
    let about = about(engine, connection)?;
    let mut data_types = settings::fetch_on_first_link(tx, company).await?;
    data_types.retain(|data_type| about.supports(*data_type));
    let asked = Asked {
        company,
        connection,
        data_types: &data_types,
        reason,
        extent,
        period: None,
        days,
    };
    start(engine, tx, asked).await
}

/// Start the Run of a period that is due; `false` if the period has one. The caller holds the company.
pub(crate) async fn start_period(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    data_types: &[DataType],
    period: &str,
) -> Result<bool, jobs::Error> {
    let asked = Asked {
        company,
        connection,
        data_types,
        reason: Reason::Recurring,
        extent: Extent::Changes,
        period: Some(period),
        days: None,
    };
    match start(engine, tx, asked).await {
        Ok(pulls) => Ok(!pulls.is_empty()),
        Err(Error::Job(error)) => Err(error),
        Err(error) => Err(jobs::Error::Failed(error.to_string())),
    }
}

/// Company and connection as they are now, locked: a link that is cut at this moment is seen, and timers are set
/// by one at a time.
async fn hold(
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
) -> Result<(Company, Connection), Error> {
    let company = companies::lock(tx, company.app, company.id).await?;
    let connection = connections::lock(tx, connection.app, connection.id).await?;
    company.zip(connection).ok_or(Error::NotLinked)
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

/// What a Run is to read, and why.
struct Asked<'a> {
    company: &'a Company,
    connection: &'a Connection,
    /// In the order in which they are queued.
    data_types: &'a [DataType],
    reason: Reason,
    extent: Extent,
    period: Option<&'a str>,
    /// Only these, of what has days; beside what has changed.
    days: Option<Days>,
}

/// One Run with a Pull for each type that has no active one, and a read of each feed that serves them. None where
/// there is nothing to read, or the period has its Run.
async fn start(engine: &Engine, tx: &mut Tx, asked: Asked<'_>) -> Result<Vec<Pull>, Error> {
    let Asked {
        company, connection, ..
    } = asked;
    let about = about(engine, connection)?;
    let now = engine.now();
    let app = connection.app;
    // Whoever publishes a type of the company at this moment is waited for: the Pull behind a first load must
    // know that there is something to be read now.
    companies::lock(tx, app, company.id).await?;
    let is_begun = match company.profile {
        Profile::Codat => runs::any_completed(tx, app, connection.id).await?,
        // Its apps wait for the first sync to be told as completed: so long, each is the first one.
        Profile::Accend => runs::any_whole(tx, app, connection.id).await?,
    };
    if asked.days.is_some() && !is_begun {
        return Err(Error::NotReadYet);
    }
    let reason = if is_begun { asked.reason } else { Reason::Initial };
    let marks = feed_reads::marks(tx, app, connection.id).await?;
    let plans = plan(tx, about, &asked, reason, &marks, now).await?;
    let windows: Vec<Window> = plans.iter().map(|plan| plan.window.clone()).collect();
    let settings: Vec<Setting> = plans.iter().map(|plan| plan.setting.clone()).collect();
    let zone = schedule::zone_of(company, connection);
    let mut run = Run {
        app,
        id: RunId(engine.uuid()),
        company: connection.company,
        connection: connection.id,
        reason,
        period: asked.period.map(str::to_owned),
        data_period: Some(match asked.days {
            Some(days) => days.into(),
            None => schedule::data_period(&settings, &windows, reason, &zone, now),
        }),
        created_at: now,
        finished_at: None,
        pulls_left: 0,
    };
    if !runs::insert(tx, &run).await? {
        return Ok(Vec::new());
    }
    let mut started: Vec<Pull> = plans
        .iter()
        .map(|plan| new_pull(engine, &run, about, plan, now))
        .collect();
    let inserted = pulls::insert_all(tx, &started).await?;
    started.retain(|pull| inserted.contains(&pull.id));
    if started.is_empty() {
        runs::delete(tx, app, run.id).await?;
    } else {
        let begun: Vec<_> = started
            .iter()
            .map(|pull| (pull.publication, pull.data_type, pull.id))
            .collect();
        publications::insert_all(tx, app, connection.id, run.id, &begun).await?;
        let begun: Vec<_> = started.iter().map(|pull| (pull.data_type, pull.id)).collect();
        status::requested(tx, app, connection.id, &begun, now, reason.is_scheduled()).await?;
        run.pulls_left = i64::try_from(started.len()).unwrap_or(i64::MAX);
        runs::begin(tx, app, run.id, run.pulls_left).await?;
        let is_anew = |data_type| {
            let mut anew = plans.iter().filter(|plan| plan.is_anew);
            anew.any(|plan| plan.setting.data_type == data_type)
        };
        let mut marks = marks;
        marks.retain(|mark| !is_anew(mark.data_type));
        let standing = Standing {
            now,
            extent: asked.extent,
            mapping: i64::from(about.mapping),
            marks: &marks,
        };
        let planned = reads_of(about, &started, &standing);
        queue_reads(engine, tx, &run, connection, planned, 1).await?;
        mark_set(tx, about, &asked, &run, started.len()).await?;
    }
    schedule::set_timer(engine, tx, company, connection).await?;
    Ok(started)
}

/// A Run that was asked for every type that the company fetches is a set, also if some are being read already; one of
/// certain days shows no instant whole, and is none.
async fn mark_set(
    tx: &mut Tx,
    about: &About,
    asked: &Asked<'_>,
    run: &Run,
    started: usize,
) -> Result<(), Error> {
    if asked.days.is_some() {
        return Ok(());
    }
    let fetched = settings::fetch_on_first_link(tx, asked.company).await?;
    let mut fetched = fetched.into_iter().filter(|data_type| about.supports(*data_type));
    if asked.data_types.len() > 1 && fetched.all(|data_type| asked.data_types.contains(&data_type)) {
        let left_out = asked.data_types.len() - started;
        closings::mark_set(tx, run.app, run.id, i64::try_from(left_out).unwrap_or(i64::MAX)).await?;
    }
    Ok(())
}

/// How one type is to be read.
struct Plan {
    setting: Setting,
    window: Window,
    first_load: bool,
    /// Nothing that was read before counts: it was no success, or did not reach so far back, or is to be looked
    /// through again.
    is_anew: bool,
}

async fn plan(
    tx: &mut Tx,
    about: &About,
    asked: &Asked<'_>,
    reason: Reason,
    marks: &[Mark],
    now: Timestamp,
) -> Result<Vec<Plan>, Error> {
    let (app, connection) = (asked.connection.app, asked.connection.id);
    let settings = settings::effective(tx, asked.company).await?;
    let paces = status::paces(tx, app, connection).await?;
    let zone = schedule::zone_of(asked.company, asked.connection);
    let mut plans = Vec::new();
    for &data_type in asked.data_types {
        let setting = settings.iter().find(|setting| setting.data_type == data_type);
        let Some(setting) = setting else { continue };
        let pace = paces.iter().find(|pace| pace.data_type == data_type);
        let covered = pace.and_then(|pace| pace.covered.clone());
        let before = schedule::Before {
            covered: covered.clone(),
            success_at: pace.and_then(|pace| pace.success_at),
            mark: oldest_mark(about, data_type, marks),
            is_mapped: is_mapped(about, data_type, marks),
        };
        let usual = schedule::window(setting, reason, &before, &zone, now);
        let window = match asked.days {
            Some(days) => {
                let today = now.to_zoned(zone.clone()).date();
                schedule::of_days(days, data_type, &before, usual, today)
            }
            None => usual,
        };
        let first_load = pace.is_none_or(|pace| !pace.is_published);
        plans.push(Plan {
            // Of the last months, and of certain days, documents are enumerated, not only asked for changes.
            is_anew: first_load
                || !window.is_whole()
                || !covered.is_some_and(|covered| covered.covers(&window)),
            window,
            first_load,
            setting: setting.clone(),
        });
    }
    Ok(plans)
}

/// Whether all that was read of the type was made by the connector's mapping of today.
fn is_mapped(about: &About, data_type: DataType, marks: &[Mark]) -> bool {
    let mut own = marks.iter().filter(|mark| mark.data_type == data_type);
    own.all(|mark| mark.mapping == i64::from(about.mapping))
}

/// `None` while one of the type's feeds has none.
fn oldest_mark(about: &About, data_type: DataType, marks: &[Mark]) -> Option<Timestamp> {
    let of_feed = |feed: &Feed| {
        let mark = marks
            .iter()
            .find(|mark| mark.data_type == data_type && mark.feed == feed.name);
        mark.map(|mark| mark.at)
    };
    let marks = about
        .feeds_of(data_type)
        .map(of_feed)
        .collect::<Option<Vec<_>>>()?;
    marks.into_iter().min()
}

fn new_pull(engine: &Engine, run: &Run, about: &About, plan: &Plan, now: Timestamp) -> Pull {
    let data_type = plan.setting.data_type;
    Pull {
        app: run.app,
        id: PullId(engine.uuid()),
        run: run.id,
        company: run.company,
        connection: run.connection,
        data_type,
        state: PullState::Queued,
        publication: PublicationId(engine.uuid()),
        first_load: plan.first_load,
        window: plan.window.clone(),
        requested_at: now,
        first_asked_seq: None,
        feeds_left: i64::try_from(about.feeds_of(data_type).count()).unwrap_or(i64::MAX),
        read: 0,
        gone: 0,
        expected: None,
        changed: 0,
        deleted: 0,
        quarantined: 0,
        paused_until: None,
        message: None,
        cause: None,
        failed_attempts: None,
    }
}

/// A read that is to be queued; see [`FeedRead`].
pub(super) struct Planned {
    pub feed: String,
    pub wanted: Vec<DataType>,
    pub window: Window,
    pub since: Option<Timestamp>,
    pub mapping: i64,
}

/// A read of each feed that serves one of these Pulls. Types of one feed whose windows have the same limits share it.
fn reads_of(about: &About, asked: &[Pull], standing: &Standing<'_>) -> Vec<Planned> {
    let limits = |window: &Window| Window {
        changed_from: None,
        ..window.clone()
    };
    let mut reads: Vec<(&Feed, Planned)> = Vec::new();
    for pull in asked {
        for feed in about.feeds_of(pull.data_type) {
            let shared = reads
                .iter_mut()
                .map(|(_, read)| read)
                .find(|read| read.feed == feed.name && limits(&read.window) == limits(&pull.window));
            if let Some(read) = shared {
                read.wanted.push(pull.data_type);
                let changed = [read.window.changed_from, pull.window.changed_from];
                read.window.changed_from = changed.into_iter().flatten().min();
            } else {
                let read = Planned {
                    feed: feed.name.to_owned(),
                    wanted: vec![pull.data_type],
                    window: pull.window.clone(),
                    since: None,
                    mapping: standing.mapping,
                };
                reads.push((feed, read));
            }
        }
    }
    reads
        .into_iter()
        .map(|(feed, read)| Planned {
            since: extent::since(feed, &read.wanted, standing),
            ..read
        })
        .collect()
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
    let (mut reads, mut queued) = (Vec::new(), Vec::new());
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
        let key = Some(lane_key(connection, lane));
        let payload = ReadFeed::of(read.id);
        queued.push(jobs::new(run.app, jobs::FEED_READ, &payload, key, now)?);
        reads.push(read);
    }
    feed_reads::insert_all(tx, &reads).await?;
    ledgerline_store::jobs::enqueue_all(tx, run.app, queued).await?;
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
