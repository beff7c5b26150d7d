//! When data is read without being asked for, and how far back.
//!
//! What a connection waits for is one job (`connection.due`), due at the earliest instant at which one of its
//! types is. Whatever moves that instant (a Run that starts, a Pull that ends, a setting, a link) sets it anew in
//! its own transaction, so that nobody has to look through all connections, and a test world knows that there is
//! work. The job asks again what is due: it may come too early, never too late.

/// By the calendar: cron expressions in a time zone.
pub mod calendar;
/// Which types of a connection are due, and for which period.
mod due;
/// Consents are used at least monthly, or they die.
mod keep_alive;
/// After the app's settings have changed.
mod replan;
/// When a type is due next.
mod rule;
/// The job: one Run for all that is due.
mod tick;
/// How far back a type is read.
mod window;

/// A virtual year, and the drivers on both stores.
#[cfg(test)]
mod tests;

use jiff::tz::TimeZone;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::setting::Setting;
use ledgerline_model::{DataType, Timestamp};
use ledgerline_store::{Tx, settings, status};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use due::{Due, State, due, next_due};
pub(crate) use keep_alive::{keep_alive, watch};
pub(crate) use replan::replan;
pub use replan::settings_changed;
pub use rule::Past;
pub(crate) use tick::{clear_timer, set_timer, tick};
pub(crate) use window::{Before, data_period, of_days, window};

use crate::{Engine, jobs};

/// Start what is due of a connection.
pub const DUE: &str = "connection.due";
/// Set the timers of an app's connections anew.
pub const REPLAN: &str = "schedule.replan";
/// Refresh a consent that nobody has used for long.
pub const KEEP_ALIVE: &str = "grant.keep_alive";

/// Payload of `connection.due`.
#[derive(Serialize, Deserialize)]
struct Payload {
    company: Uuid,
    connection: Uuid,
}

/// The time zone that a company's calendar goes by: the app's word, else the platform's, else UTC.
pub fn zone_of(company: &Company, connection: &Connection) -> TimeZone {
    let names = [&company.zone, &connection.zone];
    let mut known = names
        .into_iter()
        .flatten()
        .filter_map(|name| TimeZone::get(name).ok());
    known.next().unwrap_or(TimeZone::UTC)
}

/// When a type is read next, for people.
#[derive(Clone, Debug)]
pub struct Upcoming {
    pub setting: Setting,
    /// `None`: not by itself.
    pub due_at: Option<Timestamp>,
}

/// The settings of each type that the connection's platform gives, and when it is due.
pub async fn upcoming(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
) -> Result<Vec<Upcoming>, jobs::Error> {
    let settings = settings::effective(tx, company).await?;
    let states = states(engine, tx, company, connection).await?;
    let mut upcoming = Vec::new();
    for setting in settings {
        let state = states.iter().find(|state| state.data_type == setting.data_type);
        if let Some(state) = state {
            let due_at = next_due(state);
            upcoming.push(Upcoming { setting, due_at });
        }
    }
    Ok(upcoming)
}

/// Each type that the connection's platform gives, as its schedule sees it.
async fn states(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
) -> Result<Vec<State>, jobs::Error> {
    let Some(entry) = engine.registry.find(&connection.platform) else {
        return Ok(Vec::new());
    };
    let linked_at = match connection.linked_at {
        Some(linked_at) if connection.state.is_active() => linked_at,
        Some(_) | None => return Ok(Vec::new()),
    };
    if !settings::any_schedule(tx, company).await? {
        return Ok(Vec::new());
    }
    let mut settings = settings::effective(tx, company).await?;
    settings.sort_by_key(|setting| (setting.order, setting.data_type));
    let paces = status::paces(tx, connection.app, connection.id).await?;
    let pace_of = |data_type: DataType| paces.iter().find(|pace| pace.data_type == data_type);
    let zone = zone_of(company, connection);
    Ok(settings
        .into_iter()
        .filter(|setting| entry.about().supports(setting.data_type))
        .map(|setting| {
            let pace = pace_of(setting.data_type);
            State {
                data_type: setting.data_type,
                zone: calendar::zone(&setting.schedule, &zone),
                schedule: setting.schedule,
                is_active: pace.is_some_and(|pace| pace.state.is_active()),
                past: Past {
                    linked_at,
                    set_at: setting.set_at,
                    started_at: pace.and_then(|pace| pace.started_at),
                    scheduled_at: pace.and_then(|pace| pace.scheduled_at),
                    ended_at: pace.and_then(|pace| pace.state.finished_at()),
                },
            }
        })
        .collect())
}
