use std::time::Duration;

use axum::extract::Path;
use ledgerline_engine::push::status;
use ledgerline_model::company::Company;
use ledgerline_model::push::{Outcome, Push, PushState, RowStatus};
use ledgerline_model::{Instant, PushId, Timestamp};
use ledgerline_store::Tx;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::downstream;

/// After so long a sync says that it takes long.
const LONG: Duration = Duration::from_secs(10 * 60);

/// How a sync stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CompanySyncStatus {
    company_id: Uuid,
    sync_id: Uuid,
    /// 1000 and 1010: in progress; 2000 and 2040: a success; 4000 and above: a failure.
    sync_status_code: i32,
    sync_status: &'static str,
    /// Empty where nothing is wrong.
    error_message: String,
    sync_exception_message: String,
    /// When it was asked for.
    #[schema(value_type = String)]
    sync_utc: Instant,
    /// Whether it wrote anything.
    data_pushed: bool,
}

/// Get how a sync stands.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/{syncId}/status", tag = "Expenses",
    responses((status = 200, body = CompanySyncStatus))
)]
pub async fn get_sync_status(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
) -> Result<axum::Json<CompanySyncStatus>, Error> {
    let (_, asked) = path;
    let mut tx = of.engine.store.read().await?;
    let push = find(&mut tx, &of.company, &asked).await?;
    Ok(axum::Json(view(&mut tx, push, of.engine.now()).await?))
}

/// Get how the newest sync stands, also if it is still running.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/latest/status", tag = "Expenses",
    responses((status = 200, body = CompanySyncStatus))
)]
pub async fn get_latest_sync_status(of: CompanyOf) -> Result<axum::Json<CompanySyncStatus>, Error> {
    let mut tx = of.engine.store.read().await?;
    let push = status::latest(&mut tx, &of.company)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(axum::Json(view(&mut tx, push, of.engine.now()).await?))
}

/// Get the newest sync that was a success.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/lastSuccessful/status", tag = "Expenses",
    responses((status = 200, body = CompanySyncStatus))
)]
pub async fn get_last_successful_sync_status(of: CompanyOf) -> Result<axum::Json<CompanySyncStatus>, Error> {
    let mut tx = of.engine.store.read().await?;
    let push = status::last_successful(&mut tx, &of.company).await?;
    let push = push.ok_or_else(Error::not_found)?;
    Ok(axum::Json(view(&mut tx, push, of.engine.now()).await?))
}

/// List how the company's syncs stand, the newest first; the last 1,000.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/list/status", tag = "Expenses",
    responses((status = 200, body = Vec<CompanySyncStatus>))
)]
pub async fn list_sync_statuses(of: CompanyOf) -> Result<axum::Json<Vec<CompanySyncStatus>>, Error> {
    let mut tx = of.engine.store.read().await?;
    let now = of.engine.now();
    let pushes = status::list(&mut tx, &of.company).await?;
    let mut views = Vec::with_capacity(pushes.len());
    for push in pushes {
        views.push(view(&mut tx, push, now).await?);
    }
    Ok(axum::Json(views))
}

/// The company's sync of this id.
pub async fn find(tx: &mut Tx, company: &Company, asked: &str) -> Result<Push, Error> {
    let no_such = || Error::no_such_expense("sync", asked);
    let id: PushId = asked.parse().map_err(|_| no_such())?;
    status::one(tx, company, id).await?.ok_or_else(no_such)
}

async fn view(tx: &mut Tx, push: Push, now: Timestamp) -> Result<CompanySyncStatus, Error> {
    let bad = match &push.state {
        PushState::Ended(end) if end.outcome == Outcome::WriteFailed => status::first_bad(tx, &push).await?,
        PushState::Ended(_) | PushState::Running => None,
    };
    let was_refused = bad.as_ref().is_some_and(|row| row.status == RowStatus::Failed);
    let (sync_status_code, sync_status) = code(&push, was_refused, now);
    let (error_message, sync_exception_message) = match (&push.state, &bad) {
        (PushState::Running, _) => (String::new(), String::new()),
        (PushState::Ended(end), None) => (end.message.clone(), end.exception.clone()),
        (PushState::Ended(end), Some(bad)) => downstream::of_push(push.id, end, bad),
    };
    Ok(CompanySyncStatus {
        company_id: push.company.0,
        sync_id: push.id.0,
        sync_status_code,
        sync_status,
        error_message,
        sync_exception_message,
        sync_utc: Instant(push.requested_at),
        data_pushed: push.data_pushed,
    })
}

/// The dialect's number and word for where a push is. `was_refused`: the platform did not take something.
fn code(push: &Push, was_refused: bool, now: Timestamp) -> (i32, &'static str) {
    let end = match &push.state {
        PushState::Running if now > push.requested_at + LONG => return (1010, "Pushing"),
        PushState::Running if push.last_progress_at == push.requested_at => return (1000, "Started"),
        PushState::Running => return (1000, "Pushing"),
        PushState::Ended(end) => end,
    };
    match end.outcome {
        Outcome::Written => (2000, "Complete"),
        Outcome::NothingToWrite => (2040, "Complete"),
        Outcome::NotConfigured => (4000, "ConfigurationError"),
        Outcome::Deauthorized => (4040, "CompanyDeauthorized"),
        Outcome::Suspended => (4260, "BillingExpired"),
        Outcome::Duplicate => (5080, "DuplicationProtection"),
        Outcome::WriteFailed if was_refused => (5130, "PushError"),
        Outcome::WriteFailed => (5120, "ProcessingError"),
        Outcome::Unavailable => (5000, "Error"),
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_model::push::End;
    use ledgerline_model::{AppId, CompanyId, ConnectionId};

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    fn push(state: PushState) -> Push {
        Push {
            app: AppId(Uuid::nil()),
            id: PushId(Uuid::nil()),
            company: CompanyId(Uuid::nil()),
            connection: ConnectionId(Uuid::nil()),
            version: 1,
            state,
            requested_at: at(0),
            last_progress_at: at(0),
            data_pushed: false,
        }
    }

    #[test]
    fn every_state_has_its_number_and_word() {
        let ended = |outcome, was_refused| {
            let end = End {
                at: at(1),
                outcome,
                message: String::new(),
                exception: String::new(),
            };
            code(&push(PushState::Ended(end)), was_refused, at(2))
        };
        assert_eq!(code(&push(PushState::Running), false, at(600)), (1000, "Started"));
        assert_eq!(code(&push(PushState::Running), false, at(601)), (1010, "Pushing"));
        let under_way = Push {
            last_progress_at: at(1),
            ..push(PushState::Running)
        };
        assert_eq!(code(&under_way, false, at(2)), (1000, "Pushing"));
        for (outcome, expected) in [
            (Outcome::Written, (2000, "Complete")),
            (Outcome::NothingToWrite, (2040, "Complete")),
            (Outcome::NotConfigured, (4000, "ConfigurationError")),
            (Outcome::Deauthorized, (4040, "CompanyDeauthorized")),
            (Outcome::Suspended, (4260, "BillingExpired")),
            (Outcome::Duplicate, (5080, "DuplicationProtection")),
            (Outcome::WriteFailed, (5120, "ProcessingError")),
            (Outcome::Unavailable, (5000, "Error")),
        ] {
            assert_eq!(ended(outcome, false), expected);
        }
        assert_eq!(ended(Outcome::WriteFailed, true), (5130, "PushError"));
    }
}
