use std::collections::HashMap;

use ledgerline_engine::schedule::{self, Upcoming};
use ledgerline_model::connection::Connection;
use ledgerline_model::run::{DataStatus, Pull, PullState, Run};
use ledgerline_model::setting::Schedule;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_store::{Tx, companies, pulls, runs, status};
use maud::{Markup, html};

use super::agreement;
use super::errors::Error;
use super::room::Room;
use super::states;
use crate::pages::words;

/// What is shown of data, and whether it is about to change.
pub(super) struct Shown {
    pub(super) markup: Markup,
    pub(super) is_running: bool,
}

/// Every data type of the connection: where it stands, and how far it is while it is read.
pub(super) async fn of_connection(room: &Room, tx: &mut Tx, connection: &Connection) -> Result<Shown, Error> {
    let statuses = status::of_connection(tx, room.app.id, connection.id).await?;
    let mut latest = HashMap::new();
    for status in statuses.iter().filter(|status| needs_pull(status)) {
        if let Some(pull) = pulls::find(tx, room.app.id, status.latest_pull).await? {
            latest.insert(status.data_type, pull);
        }
    }
    let is_read = statuses.iter().any(|status| status.state.is_active());
    let last = runs::latest_of_connection(tx, room.app.id, connection.id, 1).await?;
    let is_closed = !is_read && last.iter().any(|run| run.finished_at.is_none());
    let is_running = is_read || is_closed;
    let run = match latest.values().find(|pull| pull.state.is_active()) {
        Some(pull) => runs::find(tx, room.app.id, pull.run).await?,
        None => None,
    };
    let overall = match &run {
        Some(run) => overall(room.now, run, &pulls::of_run(tx, room.app.id, run.id).await?),
        None => html! {},
    };
    let upcoming = upcoming(room, tx, connection).await?;
    let agreement = agreement::of_connection(room, tx, connection).await?;
    let markup = html! {
        @if is_running { span data-running hidden {} }
        (overall)
        @if is_closed { (agreement::under_way()) } @else { (agreement) }
        @if statuses.is_empty() {
            p.empty { "Nothing has been asked for yet." }
        } @else {
            table.rows {
                thead { tr {
                    th scope="col" { "Data type" } th scope="col" { "State" } th scope="col" { "Progress" }
                    th.number scope="col" { "Records" } th scope="col" { "Read last" }
                    th scope="col" { "Schedule" }
                } }
                tbody {
                    @for status in &statuses {
                        (row(room.now, status, latest.get(&status.data_type), upcoming.get(&status.data_type)))
                    }
                }
            }
        }
    };
    Ok(Shown { markup, is_running })
}

/// How far a Run is: its Pulls that have ended, what they read, and how fast.
pub(super) fn overall(now: Timestamp, run: &Run, pulls: &[Pull]) -> Markup {
    let ended = pulls.iter().filter(|pull| !pull.state.is_active()).count();
    let read: i64 = pulls.iter().map(|pull| pull.read).sum();
    let end = run.finished_at.unwrap_or(now);
    let seconds = (end.as_millisecond() - run.created_at.as_millisecond()).max(1000);
    let rate = read * 1000 / seconds;
    html! {
        div.overall {
            div.line {
                strong { (ended) " of " (pulls.len()) " data types" }
                span.muted { (words::count(read)) " records, " (words::count(rate)) " per second" }
            }
            progress value=(ended) max=(pulls.len().max(1)) aria-label="Data types that were read" {
                (ended) " of " (pulls.len())
            }
        }
    }
}

/// For browsers without our script.
pub(super) fn reload() -> Markup {
    html! { noscript { meta http-equiv="refresh" content="4"; } }
}

/// How far one Pull is.
pub(super) fn bar(data_type: DataType, state: PullState, pull: Option<&Pull>) -> Markup {
    let label = format!("{} read", words::data_type(data_type));
    let read = pull.map_or(0, |pull| pull.read);
    html! {
        @match (state, pull.and_then(|pull| pull.expected)) {
            (PullState::Complete { .. }, _) => progress value="1" max="1" aria-label=(label) { "All" },
            (PullState::Failed { .. }, _) => progress.bad value="1" max="1" aria-label=(label) { "Ended" },
            (PullState::Queued, _) => progress value="0" max="1" aria-label=(label) { "None" },
            (PullState::Fetching | PullState::Processing, Some(expected)) if expected > 0 => {
                progress value=(read.min(expected)) max=(expected) aria-label=(label) { (read) " of " (expected) }
            },
            (PullState::Fetching | PullState::Processing, _) => progress aria-label=(label) { (read) },
        }
    }
}

/// Why a Pull is held up or ended badly, for people.
pub(super) fn why(now: Timestamp, pull: &Pull) -> Markup {
    html! {
        @if let Some(message) = &pull.message { span.sub { (message) } }
        @if let Some(until) = pull.paused_until && until > now && pull.state.is_active() {
            span.sub { "Goes on " (words::ago(until, now)) }
        }
    }
}

/// When each type is read next.
async fn upcoming(
    room: &Room,
    tx: &mut Tx,
    connection: &Connection,
) -> Result<HashMap<DataType, Upcoming>, Error> {
    let company = companies::find(tx, room.app.id, room.environment, connection.company).await?;
    let Some(company) = company else {
        return Ok(HashMap::new());
    };
    let upcoming = schedule::upcoming(&room.engine, tx, &company, connection).await;
    let upcoming = upcoming.map_err(|error| Error::Refresh(room.site.clone(), error.into()))?;
    Ok(upcoming
        .into_iter()
        .map(|upcoming| (upcoming.setting.data_type, upcoming))
        .collect())
}

/// How often a type is read, and when it is next.
fn schedule_of(now: Timestamp, upcoming: Option<&Upcoming>) -> Markup {
    let words = upcoming.map(|upcoming| match &upcoming.setting.schedule {
        Schedule::None => None,
        Schedule::Hours(1) => Some("Hourly".to_owned()),
        Schedule::Hours(24) => Some("Daily".to_owned()),
        Schedule::Hours(168) => Some("Weekly".to_owned()),
        Schedule::Hours(hours) => Some(format!("Every {hours} hours")),
        Schedule::Monthly => Some("Monthly".to_owned()),
        Schedule::Cron { expression, .. } => Some(expression.clone()),
    });
    html! {
        @match words.flatten() {
            Some(words) => span {
                (words)
                @if let Some(at) = upcoming.and_then(|upcoming| upcoming.due_at) {
                    span.sub { "Next " (words::ago(at, now)) }
                }
            },
            None => span.muted { "None" },
        }
    }
}

fn row(now: Timestamp, status: &DataStatus, pull: Option<&Pull>, upcoming: Option<&Upcoming>) -> Markup {
    let is_paused = pull.is_some_and(|pull| pull.paused_until.is_some());
    // A first load is not readable yet: what it has read so far is all that can be said.
    let records = match pull {
        Some(pull) if pull.first_load && status.last_success.is_none() => pull.read,
        _ => status.records,
    };
    html! {
        tr {
            td.name { (words::data_type(status.data_type)) }
            td data-label="State" {
                span { (states::pull(status.state, is_paused)) @if let Some(pull) = pull { (why(now, pull)) } }
            }
            td data-label="Progress" { (bar(status.data_type, status.state, pull)) }
            td.number data-label="Records" { (words::count(records)) }
            td data-label="Read last" {
                @match status.last_success {
                    Some((_, at)) => (words::ago(at, now)),
                    None => span.muted { "Never" },
                }
            }
            td data-label="Schedule" { (schedule_of(now, upcoming)) }
        }
    }
}

/// The numbers of a Pull matter while it runs and where it failed.
fn needs_pull(status: &DataStatus) -> bool {
    !matches!(status.state, PullState::Complete { .. })
}
