//! Xero's rate limits: per organisation 5 calls at once, 60 a minute, 5,000 a day; per app 10,000 a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::errors::json_response;

const CONCURRENT: u32 = 5;
const MINUTE: u32 = 60;
const DAY: u32 = 5_000;
const APP_MINUTE: u32 = 10_000;

/// The counters of every organisation and of the app.
#[derive(Default)]
pub(super) struct Limits {
    counters: Mutex<Counters>,
}

#[derive(Default)]
struct Counters {
    app: Window,
    organisations: HashMap<Uuid, OrganisationCounters>,
}

#[derive(Default)]
struct OrganisationCounters {
    in_flight: u32,
    minute: Window,
    day: Window,
}

/// A fixed window: which one, and how many calls it has seen.
#[derive(Default)]
struct Window {
    number: i64,
    used: u32,
}

/// Which limit a call ran into.
pub(super) struct Exceeded {
    problem: &'static str,
    retry_after_s: Option<i64>,
    remaining: Remaining,
}

#[derive(Clone, Copy)]
struct Remaining {
    day: u32,
    minute: u32,
    app_minute: u32,
}

/// A call let in; it counts as one of those at once until it is dropped.
pub(super) struct Pass {
    limits: Arc<Limits>,
    organisation: Option<Uuid>,
    remaining: Remaining,
}

impl Limits {
    /// Let a call in under the real limits, or say which one it exceeds.
    pub(super) fn enter(self: &Arc<Self>, organisation: Uuid, now: Timestamp) -> Result<Pass, Exceeded> {
        let seconds = now.as_second();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let Counters { app, organisations } = &mut *counters;
        let own = organisations.entry(organisation).or_default();
        app.roll(seconds / 60);
        own.minute.roll(seconds / 60);
        own.day.roll(seconds / 86_400);

        let to_next_minute = 60 - seconds.rem_euclid(60);
        let to_next_day = 86_400 - seconds.rem_euclid(86_400);
        let problem = if own.in_flight >= CONCURRENT {
            Some(("concurrent", None))
        } else if own.day.used >= DAY {
            Some(("day", Some(to_next_day)))
        } else if own.minute.used >= MINUTE {
            Some(("minute", Some(to_next_minute)))
        } else if app.used >= APP_MINUTE {
            Some(("appminute", Some(to_next_minute)))
        } else {
            None
        };
        let remaining = |own: &OrganisationCounters, app: &Window| Remaining {
            day: DAY.saturating_sub(own.day.used),
            minute: MINUTE.saturating_sub(own.minute.used),
            app_minute: APP_MINUTE.saturating_sub(app.used),
        };
        if let Some((problem, retry_after_s)) = problem {
            return Err(Exceeded {
                problem,
                retry_after_s,
                remaining: remaining(own, app),
            });
        }
        own.in_flight += 1;
        own.minute.used += 1;
        own.day.used += 1;
        app.used += 1;
        let remaining = remaining(own, app);
        Ok(Pass {
            limits: Arc::clone(self),
            organisation: Some(organisation),
            remaining,
        })
    }

    /// Let a call in without limits; the headers say that all is left.
    pub(super) fn wave_through(self: &Arc<Self>) -> Pass {
        let remaining = Remaining {
            day: DAY,
            minute: MINUTE,
            app_minute: APP_MINUTE,
        };
        Pass {
            limits: Arc::clone(self),
            organisation: None,
            remaining,
        }
    }
}

impl Window {
    fn roll(&mut self, number: i64) {
        if self.number != number {
            *self = Self { number, used: 0 };
        }
    }
}

impl Pass {
    pub(super) fn write_headers(&self, headers: &mut HeaderMap) {
        self.remaining.write(headers);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let Some(organisation) = self.organisation else {
            return;
        };
        let mut counters = self
            .limits
            .counters
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = counters.organisations.get_mut(&organisation) {
            own.in_flight = own.in_flight.saturating_sub(1);
        }
    }
}

impl Remaining {
    fn write(self, headers: &mut HeaderMap) {
        for (name, left) in [
            ("x-daylimit-remaining", self.day),
            ("x-minlimit-remaining", self.minute),
            ("x-appminlimit-remaining", self.app_minute),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(left));
        }
    }
}

impl Exceeded {
    /// As if the minute's calls were used up.
    pub(super) fn planned() -> Self {
        let remaining = Remaining {
            day: DAY,
            minute: 0,
            app_minute: APP_MINUTE,
        };
        Self {
            problem: "minute",
            retry_after_s: Some(1),
            remaining,
        }
    }

    /// The word of `X-Rate-Limit-Problem`.
    pub(super) fn problem(&self) -> &'static str {
        self.problem
    }
}

impl IntoResponse for Exceeded {
    fn into_response(self) -> Response {
        let mut response = json_response(
            StatusCode::TOO_MANY_REQUESTS,
            "application/problem+json",
            &json!({
                "Type": null, "Title": "Too Many Requests", "Status": 429,
                "Detail": format!("Rate limit exceeded: {}", self.problem),
                "Instance": super::ids::next(), "Extensions": {},
            }),
        );
        let headers = response.headers_mut();
        self.remaining.write(headers);
        headers.insert("x-rate-limit-problem", HeaderValue::from_static(self.problem));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_61st_call_of_a_minute_waits_for_the_next() {
        let limits = Arc::new(Limits::default());
        let now = at("2026-03-01T10:00:15Z");
        for _ in 0..60 {
            assert!(limits.enter(Uuid::nil(), now).is_ok());
        }
        let Err(exceeded) = limits.enter(Uuid::nil(), now) else {
            panic!("was let in")
        };
        assert_eq!((exceeded.problem, exceeded.retry_after_s), ("minute", Some(45)));
        assert!(limits.enter(Uuid::max(), now).is_ok());
        assert!(limits.enter(Uuid::nil(), at("2026-03-01T10:01:00Z")).is_ok());
    }

    #[test]
    fn the_sixth_call_at_once_is_told_so_without_a_time() {
        let limits = Arc::new(Limits::default());
        let now = at("2026-03-01T10:00:15Z");
        let mut passes: Vec<Pass> = (0..5)
            .filter_map(|_| limits.enter(Uuid::nil(), now).ok())
            .collect();
        let Err(exceeded) = limits.enter(Uuid::nil(), now) else {
            panic!("was let in")
        };
        assert_eq!((exceeded.problem, exceeded.retry_after_s), ("concurrent", None));
        passes.pop();
        assert!(limits.enter(Uuid::nil(), now).is_ok());
    }

    #[test]
    fn the_day_has_five_thousand_calls() {
        let limits = Arc::new(Limits::default());
        let start = at("2026-03-01T00:00:00Z").as_second();
        for call in 0..5_000 {
            let now = Timestamp::from_second(start + call / 60 * 60).unwrap();
            assert!(limits.enter(Uuid::nil(), now).is_ok());
        }
        let Err(exceeded) = limits.enter(Uuid::nil(), at("2026-03-01T12:00:00Z")) else {
            panic!("was let in")
        };
        assert_eq!((exceeded.problem, exceeded.retry_after_s), ("day", Some(43_200)));
    }
}
