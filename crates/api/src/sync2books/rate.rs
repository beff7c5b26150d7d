use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::SignedDuration;
use ledgerline_model::app::Environment;
use ledgerline_model::{AppId, Timestamp};
use ledgerline_store::apps;

use super::errors::Error;
use crate::Api;
use crate::auth::Caller;

/// The app's setting, in requests a minute, by which it is refused what is beyond; without it the limit is only told.
const SETTING: &str = "rateLimit.minute";

/// Requests a minute, and twice as many at once.
const A_MINUTE: i64 = 100;
const BURST: i64 = 2;

const MINUTE: i64 = 60_000;

/// How far the requests of each app have filled its minute, as far as this process knows.
#[derive(Clone, Default)]
pub struct Meters(Arc<Mutex<HashMap<(AppId, Environment), Metered>>>);

#[derive(Clone, Copy)]
struct Metered {
    meter: Meter,
    limit: Limit,
    /// The limit is looked up once a minute.
    looked_up_at: Timestamp,
}

#[derive(Clone, Copy)]
struct Limit {
    /// At least 1.
    a_minute: i64,
    enforced: bool,
}

/// A bucket that holds the requests of two minutes and is refilled evenly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Meter {
    /// When it is full again, in Unix milliseconds.
    full_at: i64,
}

/// What is left after a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Left {
    requests: i64,
    /// When a whole minute's requests are there again, in Unix milliseconds.
    reset: i64,
    /// Milliseconds until the next request would be taken; 0: it was.
    wait: i64,
}

impl Meter {
    /// Take one request out, if it is there.
    fn take(self, a_minute: i64, now: i64) -> (Self, Left) {
        let cost = (MINUTE / a_minute).max(1);
        let depth = BURST * a_minute * cost;
        let full_at = self.full_at.max(now) + cost;
        let wait = full_at - now - depth;
        let full_at = if wait > 0 { full_at - cost } else { full_at };
        let left = Left {
            requests: ((now + depth - full_at) / cost).clamp(0, a_minute),
            reset: (full_at - (BURST - 1) * a_minute * cost).max(now),
            wait: wait.max(0),
        };
        (Self { full_at }, left)
    }
}

/// Count the request, tell how many are left, and refuse what is beyond a limit that is enforced.
///
/// All keys of an app in an environment fill one meter: that of a key alone could never be fuller.
pub async fn limit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let now = api.engine.now();
    // Who has no key has no meter; the handler refuses.
    let Ok(caller) = Caller::from_request_parts(&mut parts, &api).await else {
        let unused = Left {
            requests: A_MINUTE,
            reset: now.as_millisecond(),
            wait: 0,
        };
        let mut response = next.run(Request::from_parts(parts, body)).await;
        tell(response.headers_mut(), A_MINUTE, unused);
        return response;
    };
    let (limit, left) = match count(&api, &caller, now).await {
        Ok(counted) => counted,
        Err(error) => return error.into_response(),
    };
    let mut response = if limit.enforced && left.wait > 0 {
        let seconds = u32::try_from((left.wait + 999) / 1000).unwrap_or(u32::MAX);
        Error::too_many_requests(seconds).into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    tell(response.headers_mut(), limit.a_minute, left);
    response
}

fn tell(headers: &mut HeaderMap, a_minute: i64, left: Left) {
    for (name, value) in [
        ("x-ratelimit-limit", a_minute),
        ("x-ratelimit-remaining", left.requests),
        // In whole seconds: at the earliest then.
        ("x-ratelimit-reset", (left.reset + 999) / 1000),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

async fn count(api: &Api, caller: &Caller, now: Timestamp) -> Result<(Limit, Left), Error> {
    let whose = (caller.app, caller.environment);
    let known = api.meters.find(whose);
    let fresh = known.filter(|known| now.duration_since(known.looked_up_at) < SignedDuration::from_mins(1));
    let (limit, looked_up_at) = match fresh {
        Some(known) => (known.limit, known.looked_up_at),
        None => (look_up(caller).await?, now),
    };
    let mut meters = api.meters.0.lock().unwrap_or_else(PoisonError::into_inner);
    let before = meters
        .get(&whose)
        .map_or(Meter { full_at: 0 }, |known| known.meter);
    let (meter, left) = before.take(limit.a_minute, now.as_millisecond());
    let metered = Metered {
        meter,
        limit,
        looked_up_at,
    };
    meters.insert(whose, metered);
    Ok((limit, left))
}

impl Meters {
    fn find(&self, whose: (AppId, Environment)) -> Option<Metered> {
        let meters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        meters.get(&whose).copied()
    }
}

async fn look_up(caller: &Caller) -> Result<Limit, Error> {
    let mut tx = caller.engine.store.read().await?;
    let app = apps::find(&mut tx, caller.app).await?;
    let setting = app.and_then(|app| app.settings.extra.get(SETTING)?.parse::<i64>().ok());
    let setting = setting.filter(|a_minute| (1..=MINUTE).contains(a_minute));
    Ok(Limit {
        a_minute: setting.unwrap_or(A_MINUTE),
        enforced: setting.is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    #[test]
    fn two_minutes_of_requests_are_taken_at_once_and_one_more_when_its_time_has_come() {
        let mut meter = Meter { full_at: 0 };
        let mut lefts = Vec::new();
        for _ in 0..200 {
            let (after, left) = meter.take(100, NOW);
            assert_eq!(left.wait, 0);
            lefts.push(left.requests);
            meter = after;
        }
        // More than a minute's are never told: the limit is a minute's.
        assert_eq!((lefts[0], lefts[99], lefts[100], lefts[199]), (100, 100, 99, 0));
        let (refused, left) = meter.take(100, NOW);
        assert_eq!(refused, meter, "what is refused fills nothing");
        assert_eq!(
            left,
            Left {
                requests: 0,
                reset: NOW + 60_000,
                wait: 600
            }
        );
        assert_eq!(meter.take(100, NOW + 599).1.wait, 1);
        assert_eq!(meter.take(100, NOW + 600).1.wait, 0);
        let (_, later) = meter.take(100, NOW + 60_600);
        assert_eq!(
            later,
            Left {
                requests: 100,
                reset: NOW + 60_600,
                wait: 0
            }
        );
    }

    #[test]
    fn no_limit_divides_by_nothing() {
        for a_minute in [1, 7, 59_999, 60_000] {
            let (_, left) = Meter {
                full_at: i64::MAX / 2,
            }
            .take(a_minute, NOW);
            assert_eq!(left.requests, 0);
            let (_, left) = Meter { full_at: 0 }.take(a_minute, NOW);
            assert_eq!((left.requests, left.wait), (a_minute, 0));
        }
    }
}
