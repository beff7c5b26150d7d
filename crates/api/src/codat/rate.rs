use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ledgerline_model::{AppId, Instant, Timestamp};
use ledgerline_store::{apps, connections};

use super::errors::Error;
use crate::Api;
use crate::auth::Caller;

/// The app's setting by which it is refused requests beyond its quota; without it the quota is only told.
const SETTING: &str = "rateLimit.daily";
const PER_COMPANY: i64 = 1000;

/// How many requests each app made today, as far as this process knows.
#[derive(Clone, Default)]
pub struct Usage(Arc<Mutex<HashMap<AppId, Day>>>);

#[derive(Clone, Copy)]
struct Day {
    /// When the next one begins, UTC.
    ends_at: Timestamp,
    used: i64,
    quota: Quota,
    /// The quota is looked up once a minute.
    looked_up_at: Timestamp,
}

#[derive(Clone, Copy)]
struct Quota {
    requests: i64,
    enforced: bool,
}

/// Count the request, tell how many are left, and refuse what is beyond a quota that is enforced.
pub async fn limit(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // Who has no key has no quota; the handler refuses.
    let Ok(caller) = Caller::from_request_parts(&mut parts, &api).await else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    let day = match count(&api, &caller).await {
        Ok(day) => day,
        Err(error) => return error.into_response(),
    };
    let beyond = day.quota.enforced && day.used > day.quota.requests;
    let mut response = if beyond {
        let wait = day.ends_at.duration_since(api.engine.now()).as_secs().max(1);
        Error::too_many_requests(u32::try_from(wait).unwrap_or(u32::MAX)).into_response()
    } else {
        next.run(Request::from_parts(parts, body)).await
    };
    let left = (day.quota.requests - day.used).max(0);
    let headers = [
        ("x-rate-limit-limit", day.quota.requests.to_string()),
        ("x-rate-limit-remaining", left.to_string()),
        ("x-rate-limit-reset", Instant(day.ends_at).to_string()),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}

async fn count(api: &Api, caller: &Caller) -> Result<Day, Error> {
    let now = api.engine.now();
    let known = api.usage.today(caller.app, now);
    let fresh = known.filter(|day| {
        let age = now.duration_since(day.looked_up_at);
        age < SignedDuration::from_mins(1)
    });
    let (quota, looked_up_at) = match fresh {
        Some(day) => (day.quota, day.looked_up_at),
        None => (look_up(caller).await?, now),
    };
    let mut days = api.usage.0.lock().unwrap_or_else(PoisonError::into_inner);
    let used = days
        .get(&caller.app)
        .filter(|day| day.ends_at > now)
        .map_or(0, |day| day.used);
    let day = Day {
        ends_at: end_of_day(now),
        used: used + 1,
        quota,
        looked_up_at,
    };
    days.insert(caller.app, day);
    Ok(day)
}

impl Usage {
    fn today(&self, app: AppId, now: Timestamp) -> Option<Day> {
        let days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        days.get(&app).filter(|day| day.ends_at > now).copied()
    }
}

async fn look_up(caller: &Caller) -> Result<Quota, Error> {
    let mut tx = caller.engine.store.read().await?;
    let app = apps::find(&mut tx, caller.app).await?;
    let setting = app.and_then(|app| app.settings.extra.get(SETTING)?.parse().ok());
    let connected = connections::count_active(&mut tx, caller.app, caller.environment).await?;
    Ok(Quota {
        requests: setting.unwrap_or(PER_COMPANY * (1 + connected)),
        enforced: setting.is_some(),
    })
}

fn end_of_day(now: Timestamp) -> Timestamp {
    let today = now.to_zoned(TimeZone::UTC).date();
    today
        .tomorrow()
        .and_then(|date| date.to_zoned(TimeZone::UTC))
        .map_or(now, |midnight| midnight.timestamp())
}
