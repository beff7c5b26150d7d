use http::StatusCode;
use jiff::ToSpan;
use ledgerline_engine::{pull, schedule};
use ledgerline_model::connection::State;
use ledgerline_model::run::Reason;
use ledgerline_model::{Date, Days};
use ledgerline_store::{companies, pulls, runs};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::errors::Error;
use super::owned::LinkConnectionOf;
use super::views::SyncView;
use super::webhooks::DIALECT;
use crate::audit::{self, Actor};
use crate::body::Json;

#[derive(Deserialize, ToSchema)]
pub struct SyncRequest {
    /// `recurring`, which is also what it is without a word.
    #[serde(default)]
    sync_type: Option<String>,
    /// Read the documents of these days and the statements of their months, beside what has changed. What lies
    /// outside stays as it is.
    #[serde(default)]
    data_period: Option<RequestedPeriod>,
}

/// The first and the last day that are to be read.
#[derive(Deserialize, ToSchema)]
#[schema(as = RequestedDataPeriod)]
pub struct RequestedPeriod {
    /// Not before 1970-01-01.
    #[schema(value_type = String, format = Date)]
    start: Option<String>,
    /// Not before `start`, nor behind the running month; at most 120 months are read.
    #[schema(value_type = String, format = Date)]
    end: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct SyncStarted {
    sync_id: Uuid,
}

#[derive(Serialize, ToSchema)]
pub struct Syncs {
    /// Newest first.
    data: Vec<SyncView>,
}

/// At most so many are listed.
const MAX_SYNCS: i64 = 100;

/// List the reads of a link connection, newest first.
#[utoipa::path(
    get, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/syncs", tag = "Link",
    responses((status = 200, body = Syncs))
)]
pub async fn list_syncs(of: LinkConnectionOf) -> Result<axum::Json<Syncs>, Error> {
    let mut tx = of.app.engine.store.read().await?;
    let found = runs::latest_of_connection(&mut tx, of.app.app, of.connection.id, MAX_SYNCS).await?;
    let mut data = Vec::with_capacity(found.len());
    for run in found {
        let pulls = pulls::of_run(&mut tx, of.app.app, run.id).await?;
        data.push(SyncView::new(&run, &pulls));
    }
    Ok(axum::Json(Syncs { data }))
}

/// Have a link connection read now.
#[utoipa::path(
    post, path = "/link/customers/{customer_id}/link_connections/{link_connection_id}/sync", tag = "Link",
    request_body = SyncRequest,
    responses(
        (status = 202, body = SyncStarted),
        (status = 409, body = super::errors::Refusal, description = "It is not active, is being read already, or has not been read for the first time."),
        (status = 422, body = super::errors::Invalid)
    )
)]
pub async fn start_sync(
    of: LinkConnectionOf,
    Json(request): Json<SyncRequest>,
) -> Result<(StatusCode, axum::Json<SyncStarted>), Error> {
    if request.sync_type.is_some_and(|wanted| wanted != "recurring") {
        return Err(Error::bad_field("sync_type", "only `recurring` can be asked for"));
    }
    let LinkConnectionOf {
        app,
        company,
        connection,
    } = of;
    let engine = &app.engine;
    let mut tx = engine.store.write().await?;
    // Whoever else asks waits here.
    companies::lock(&mut tx, app.app, company.id).await?;
    let connection = ledgerline_store::connections::lock(&mut tx, app.app, connection.id).await?;
    let connection = connection.ok_or_else(Error::no_link_connection)?;
    if connection.state != State::Linked {
        return Err(Error::conflict("The link connection is not active"));
    }
    let days = match request.data_period {
        Some(period) => {
            let zone = schedule::zone_of(&company, &connection);
            Some(days(&period, engine.now().to_zoned(zone).date())?)
        }
        None => None,
    };
    let running = pulls::lock_active_of_connection(&mut tx, app.app, connection.id).await?;
    if let Some(running) = running.first() {
        return Err(Error::conflict(format!("Sync {} is still running", running.run)));
    }
    let started = match days {
        Some(days) => pull::start_days(engine, &mut tx, &company, &connection, days).await,
        None => pull::start_initial(engine, &mut tx, &company, &connection, Reason::OnDemand).await,
    };
    let started = started.map_err(refused)?;
    let Some(first) = started.first() else {
        return Err(Error::conflict("There is nothing to read"));
    };
    runs::asked_through(&mut tx, app.app, first.run, DIALECT).await?;
    audit::note(
        engine,
        &mut tx,
        &Actor::from(&app),
        "sync.requested",
        connection.id,
        "done",
    )
    .await?;
    tx.commit().await?;
    engine.work.notify_one();
    let sync_id = first.run.0;
    Ok((StatusCode::ACCEPTED, axum::Json(SyncStarted { sync_id })))
}

/// More months than these are more than one sync; the first one has read the history.
const MAX_MONTHS: i32 = 120;

/// The days that are asked for, seen from `today`.
fn days(period: &RequestedPeriod, today: Date) -> Result<Days, Error> {
    let day = |name: &str, value: &Option<String>| {
        let field = format!("data_period.{name}");
        let Some(value) = value else {
            return Err(Error::bad_field(&field, "is required"));
        };
        let is_plain = value.len() == "2026-01-31".len();
        let day = value.parse::<Date>().ok().filter(|_| is_plain);
        day.ok_or_else(|| Error::bad_field(&field, "is no date like `2026-01-31`"))
    };
    let (from, to) = (day("start", &period.start)?, day("end", &period.end)?);
    let first = jiff::civil::date(1970, 1, 1);
    let last = today.last_of_month();
    if from < first {
        return Err(Error::bad_field(
            "data_period.start",
            format!("is before {first}"),
        ));
    }
    if to < from {
        return Err(Error::bad_field("data_period.end", "is before `start`"));
    }
    if to > last {
        return Err(Error::bad_field(
            "data_period.end",
            format!("is behind {last}, the end of the running month"),
        ));
    }
    if from
        .checked_add(MAX_MONTHS.months())
        .is_ok_and(|limit| limit <= to)
    {
        return Err(Error::bad_field(
            "data_period.end",
            format!("is more than {MAX_MONTHS} months after `start`"),
        ));
    }
    Ok(Days { from, to })
}

fn refused(error: pull::Error) -> Error {
    match error {
        pull::Error::NotReadYet => {
            Error::conflict("The first sync has not completed; it is asked for without `data_period`")
        }
        pull::Error::NotLinked => Error::conflict("The link connection is not active"),
        error @ (pull::Error::AlreadyInProgress { .. }
        | pull::Error::NotSupported { .. }
        | pull::Error::Job(_)) => Error::internal(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_not_in_the_future() {
        let today = jiff::civil::date(2026, 2, 10);
        let asked = |start: &str, end: &str| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let period = RequestedPeriod {
                start: text(start),
                end: text(end),
            };
            days(&period, today)
        };
        let found = asked("2024-02-29", "2026-02-28").unwrap();
        assert_eq!(
            (found.from.to_string(), found.to.to_string()),
            ("2024-02-29".to_owned(), "2026-02-28".to_owned())
        );
        assert!(asked("2026-02-10", "2026-02-10").is_ok());
        assert!(asked("2016-03-01", "2026-02-28").is_ok());
        for (start, end) in [
            ("", "2026-01-31"),
            ("2026-01-01", ""),
            ("2026-01", "2026-01-31"),
            ("20260101", "2026-01-31"),
            ("2026-02-30", "2026-02-28"),
            ("1969-12-31", "1970-01-31"),
            ("2026-02-02", "2026-02-01"),
            ("2026-02-01", "2026-03-01"),
            ("2016-02-28", "2026-02-28"),
        ] {
            assert!(asked(start, end).is_err(), "{start} to {end}");
        }
    }
}
