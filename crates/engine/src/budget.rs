//! How much is asked of the platforms: budgets of each OAuth app and each organisation, shared by all apps and
//! nodes, kept in the store.
//!
//! A request is let out only by a [`Meter`]. A process takes blocks of requests, so that not each of them is
//! written down; pauses that a platform announced are looked up before each page. What is exhausted is
//! waited for in its place for some seconds; where it takes longer, the caller is told until when, and comes back.

/// How many were taken, and how many are left: pure decisions.
mod counts;
/// What this process has taken and not used yet.
mod local;
/// Letting requests out.
mod meter;
/// What requests are for.
mod purpose;
/// Requests under way at once that a job keeps for itself.
mod reserve;
/// Taking from the store's budgets.
mod take;
/// Against the store, with several processes.
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use ledgerline_model::app::Environment;
use ledgerline_model::connection::Connection;
use ledgerline_model::{Timestamp, micros};
use ledgerline_platform::{About, Cx, Endpoints, Quota};

pub use local::Budgets;
pub use purpose::Purpose;
pub(crate) use reserve::{Lanes, reserve};
pub use take::Error;

use crate::Engine;

/// Where the places of requests that are under way at once come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Places {
    /// Each request takes one, and gives it back.
    OneByOne,
    /// The job has them already: its key lets only so many run at a time, or it has made a reservation.
    Kept,
}

/// So long what an app waits for waits for its turn at the platform, before the app is told to come again: apps' own
/// requests end after 5 seconds, and some of their clients cannot send a form twice.
pub(crate) const TURN: Duration = Duration::from_secs(3);

/// What may be used to ask the connection's platform for one thing, or until when that has to wait. Requests of
/// the answer are counted, each.
///
/// `calls` requests are taken for it; a thing that needs more may be told to wait in its middle.
pub async fn take(
    engine: &Engine,
    connection: &Connection,
    purpose: Purpose,
    calls: u32,
) -> Result<Cx, Error> {
    let places = match purpose {
        Purpose::Pull => Places::Kept,
        Purpose::PassThrough | Purpose::Push => Places::OneByOne,
    };
    take_at(engine, connection, purpose, places, calls).await
}

/// [`take`], with places of the caller's choice.
pub(crate) async fn take_at(
    engine: &Engine,
    connection: &Connection,
    purpose: Purpose,
    places: Places,
    calls: u32,
) -> Result<Cx, Error> {
    let scopes = scopes_of(engine, connection)?;
    let mut cx = engine.cx(endpoints_of(engine, connection)?);
    cx.http = meter::through(engine, scopes, purpose, places, calls).await?;
    Ok(cx)
}

/// Take as many requests in one step as there are for those who ask for one each; how many that were.
pub(crate) async fn set_aside(
    engine: &Engine,
    connection: &Connection,
    purpose: Purpose,
    wanted: Wanted,
) -> Result<u32, Error> {
    let scopes = scopes_of(engine, connection)?;
    let till = take::Till::of(engine);
    let most = match scopes.is_brief() {
        true => wanted.now,
        false => wanted.soon,
    };
    // A limit that is below what was asked for gives what it has.
    let calls = till.room(&scopes, purpose, wanted.least, most).await?.max(1);
    let taken = till.take(&scopes, purpose, calls).await?;
    till.put_back(&scopes, purpose, taken);
    Ok(calls)
}

/// How many requests are to be taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub least: u32,
    /// So many will be asked at once.
    pub now: u32,
    /// So many one after the other: taken where they can be used for some time.
    pub soon: u32,
}

fn endpoints_of<'a>(engine: &'a Engine, connection: &Connection) -> Result<&'a Arc<Endpoints>, Error> {
    let entry = engine.registry.find(&connection.platform);
    let endpoints = entry.and_then(|entry| entry.endpoints(connection.environment));
    endpoints.ok_or(Error::NotConfigured)
}

fn scopes_of(engine: &Engine, connection: &Connection) -> Result<Scopes, Error> {
    let entry = engine.registry.find(&connection.platform);
    let entry = entry.ok_or(Error::NotConfigured)?;
    let endpoints = endpoints_of(engine, connection)?;
    let organisation = connection.organisation.as_ref().ok_or(Error::NotConfigured)?;
    Ok(Scopes::of(
        entry.about(),
        connection.environment,
        endpoints,
        &organisation.id,
    ))
}

/// How many requests of this purpose could be asked of the connection's platform one after the other until then. Others
/// may take some of them before.
pub(crate) async fn room_until(
    engine: &Engine,
    connection: &Connection,
    purpose: Purpose,
    until: Timestamp,
) -> Result<u32, Error> {
    let scopes = scopes_of(engine, connection)?;
    take::Till::of(engine).room_until(&scopes, purpose, until).await
}

/// What may be used for a grant's own requests: refreshes, removals, revocations. Where the platform counts
/// them they come out of the app's budget; they are what everything else waits for, so they may use all of it.
pub(crate) async fn for_consent(
    engine: &Engine,
    about: &'static About,
    environment: Environment,
    endpoints: &Arc<Endpoints>,
) -> Result<Cx, Error> {
    let mut cx = engine.cx(endpoints);
    if about.limits.counts_consent {
        let mut scopes = Scopes::of(about, environment, endpoints, "");
        scopes.0.retain(|scope| scope.is_app);
        cx.http = meter::through(engine, scopes, Purpose::Push, Places::OneByOne, 1).await?;
    }
    Ok(cx)
}

/// From now until then.
pub(crate) fn wait(now: Timestamp, until: Timestamp) -> Duration {
    let micros = micros(until).saturating_sub(micros(now));
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// The budgets that a request is taken from: the organisation's, then the app's.
#[derive(Clone)]
struct Scopes(Vec<Scope>);

#[derive(Clone)]
struct Scope {
    key: String,
    windows: &'static [Quota],
    /// For an organisation: requests under way at once that are not those of jobs.
    at_once: u32,
    /// The header of a 429 that names the limit, the word that means the app's, and whether this is the app.
    problem: Option<(&'static str, &'static str)>,
    is_app: bool,
}

impl Scopes {
    fn of(
        about: &'static About,
        environment: Environment,
        endpoints: &Endpoints,
        organisation: &str,
    ) -> Self {
        let limits = &about.limits;
        let app = format!("{}/{}/{}", about.key, environment.key(), endpoints.client_id);
        let own = Scope {
            key: format!("{app}/{organisation}"),
            windows: limits.organisation,
            at_once: limits.at_once,
            problem: limits.app_problem,
            is_app: false,
        };
        let app = Scope {
            key: app,
            windows: limits.app,
            at_once: 0,
            problem: limits.app_problem,
            is_app: true,
        };
        let mut scopes = vec![own, app];
        scopes.retain(|scope| !scope.windows.is_empty() || scope.at_once > 0);
        Self(scopes)
    }

    /// What is taken has to be used within moments.
    fn is_brief(&self) -> bool {
        let mut windows = self.0.iter().flat_map(|scope| scope.windows);
        windows.any(|window| counts::usable(window) < Duration::from_secs(1))
    }
}
