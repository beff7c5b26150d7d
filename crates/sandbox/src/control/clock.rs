//! `/_sandbox/clock`

use std::{sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Query, State},
};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::{Error, body};
use crate::{
    Sandbox,
    clock::{Reading, Report},
};

/// How long `settle` waits at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long a poll is held at most.
const LONGEST_POLL: Duration = Duration::from_secs(60);

/// A follower says who it is, which offset it has, and whether it has work that is due.
#[derive(Debug, Deserialize)]
pub(super) struct Follow {
    offset: Option<i64>,
    #[serde(default)]
    busy: bool,
    follower: Option<String>,
    /// In seconds.
    wait: Option<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// Such as `31d`, `90m` or `1h 30m`; nothing if missing.
    advance: Option<String>,
    /// Answer once every follower has done what fell due.
    #[serde(default)]
    settle: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct View {
    now: Timestamp,
    offset_micros: i64,
}

impl From<Reading> for View {
    fn from(reading: Reading) -> Self {
        Self {
            now: reading.now,
            offset_micros: reading.offset_micros,
        }
    }
}

/// The time; with `follower` and `offset` a long poll for a change of it.
pub(super) async fn read(
    State(sandbox): State<Arc<Sandbox>>,
    Query(follow): Query<Follow>,
) -> Result<Json<View>, Error> {
    let (Some(follower), Some(offset_micros)) = (follow.follower, follow.offset) else {
        return Ok(Json(sandbox.clock.reading().into()));
    };
    let wait = Duration::try_from_secs_f64(follow.wait.unwrap_or(0.0))
        .map_err(|_| Error::Invalid("`wait` takes seconds".to_owned()))?;
    let report = Report {
        follower,
        offset_micros,
        busy: follow.busy,
    };
    Ok(Json(
        sandbox.clock.follow(report, wait.min(LONGEST_POLL)).await.into(),
    ))
}

/// Jump ahead, in one jump.
pub(super) async fn advance(State(sandbox): State<Arc<Sandbox>>, bytes: Bytes) -> Result<Json<View>, Error> {
    let asked: Advance = body(&bytes)?;
    if let Some(text) = &asked.advance {
        sandbox.clock.advance(duration(text)?);
        sandbox.keep();
    }
    if asked.settle {
        sandbox.clock.settle(PATIENCE).await.map_err(Error::Unsettled)?;
    }
    Ok(Json(sandbox.clock.reading().into()))
}

/// `31d`, `12h`, `1h 30m`, `PT45S`: days have 24 hours here.
fn duration(text: &str) -> Result<Duration, Error> {
    let invalid = || {
        Error::Invalid(format!(
            "`advance` is `{text}`, but takes a duration ahead such as `31d`, `12h` or `90s`"
        ))
    };
    let span: jiff::Span = text.parse().map_err(|_| invalid())?;
    let days_have_24_hours = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(days_have_24_hours).map_err(|_| invalid())?;
    if duration > jiff::SignedDuration::from_hours(24 * 366 * 20) {
        return Err(Error::Invalid(format!(
            "`advance` is `{text}`, but takes at most 20 years"
        )));
    }
    Duration::try_from(duration).map_err(|_| invalid())
}
