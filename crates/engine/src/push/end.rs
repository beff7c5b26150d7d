//! The ends of pushes.

use ledgerline_model::company::Company;
use ledgerline_model::event::{Body, PushSnapshot, PushedSnapshot};
use ledgerline_model::push::{End, Outcome, Push, PushState, Row, RowStatus};
use ledgerline_store::push::{pushes, rows};
use ledgerline_store::{Tx, companies, company_details, connections};

use super::ask::Pause;
use super::choose::NO_DEFAULT;
use super::request::{FINISHED, key_of};
use super::run::postpone;
use super::work::Work;
use super::{RunPush, batches, read_back};
use crate::jobs::backoff;
use crate::jobs::lease::{jitter, later};
use crate::{Engine, events, jobs};

/// How a push is to end.
pub(super) enum Ended {
    /// Before everything was settled.
    Early(Outcome, String),
    /// As its rows say.
    OfRows,
}

impl Ended {
    pub fn early(outcome: Outcome, message: &str) -> Self {
        Self::Early(outcome, message.to_owned())
    }

    pub const fn of_rows() -> Self {
        Self::OfRows
    }
}

/// The one step that ends the push: its rows as they stay, and its event.
pub(super) async fn end(
    engine: &Engine,
    job: &jobs::Job,
    mut work: Work,
    ended: Ended,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    let company = companies::lock(&mut tx, job.app, work.company.id).await?;
    if let Some((push, company)) = work.push.take().zip(company) {
        rows::save(&mut tx, push.app, push.id, &work.doubtful()).await?;
        let seen = rows::all(&mut tx, push.app, push.id).await?;
        let (outcome, message) = match ended {
            Ended::Early(outcome, message) => (outcome, message),
            Ended::OfRows => judge(&seen, work.mapping.is_some()),
        };
        let push = Push {
            data_pushed: push.data_pushed || seen.iter().any(|row| row.is_written),
            state: PushState::Ended(End {
                at: now,
                outcome,
                exception: message.clone(),
                message,
            }),
            ..push
        };
        pushes::save(&mut tx, &push).await?;
        engine.known.drop_push(push.id);
        tell(engine, &mut tx, &company, &push, &seen).await?;
        super::tell::ended(engine, &mut tx, &company, &push, &seen)
            .await
            .map_err(failure)?;
        batches::next(engine, &mut tx, &company).await.map_err(failure)?;
        let is_left = work.entries.iter().any(|entry| entry.leg.state.is_in_doubt());
        if (is_left || !work.unread.is_empty()) && !matches!(outcome, Outcome::Deauthorized) {
            let payload = RunPush::of(company.id, None);
            let run_at = later(now, backoff::after(3, jitter(engine)));
            let key = Some(key_of(&company));
            jobs::enqueue(&mut tx, job.app, jobs::PUSH_RUN, &payload, key, run_at).await?;
        }
    }
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    engine.work.notify_waiters();
    Ok(())
}

pub(super) fn failure(error: super::Error) -> jobs::Error {
    match error {
        super::Error::Job(error) => error,
        super::Error::Content(reason) => jobs::Error::Failed(reason),
    }
}

/// A job without a push is done once nothing is in doubt and everything was read back, or could not be.
pub(super) async fn leave(
    engine: &Engine,
    job: &jobs::Job,
    work: &Work,
    pause: Option<Pause>,
) -> Result<(), jobs::Error> {
    let now = engine.now();
    let open = work.entries.iter().filter(|entry| entry.is_open());
    if let Some(due) = open.map(|entry| entry.due(now)).min() {
        let until = pause.map_or(due, |pause| pause.until.max(due));
        let attempts = if pause.is_some() { job.attempts + 1 } else { 0 };
        return postpone(engine, job, until.max(now), attempts).await;
    }
    if !work.unread.is_empty() && job.attempts < READS {
        let wait = backoff::after(job.attempts + 1, jitter(engine));
        return postpone(engine, job, later(now, wait), job.attempts + 1).await;
    }
    let mut tx = engine.store.write().await?;
    ledgerline_store::jobs::check_fence(&mut tx, job.id, job.fence).await?;
    // A Pull will bring them.
    read_back::give_up(&mut tx, work).await?;
    ledgerline_store::jobs::done(&mut tx, job.id, job.fence).await?;
    tx.commit().await?;
    Ok(())
}

/// How often posted documents are tried to be read back.
const READS: i64 = 3;

/// How a push ended whose legs are all settled, and why.
fn judge(seen: &[Row], is_configured: bool) -> (Outcome, String) {
    let bad: Vec<&Row> = seen
        .iter()
        .filter(|row| row.status != RowStatus::Completed)
        .collect();
    if let Some(first) = bad.first() {
        let message = first
            .message
            .clone()
            .unwrap_or_else(|| "A transaction was not written.".into());
        let lacks = |row: &&Row| {
            let message = row.message.as_deref().unwrap_or_default();
            row.status == RowStatus::Invalid && message.ends_with(NO_DEFAULT)
        };
        let nothing = !seen.iter().any(|row| row.is_written);
        let outcome = if !is_configured && nothing && bad.iter().all(lacks) {
            Outcome::NotConfigured
        } else {
            Outcome::WriteFailed
        };
        return (outcome, message);
    }
    let finished = |row: &&Row| {
        row.message
            .as_deref()
            .is_some_and(|message| message.starts_with(FINISHED))
    };
    let mut twice: Vec<&str> = seen
        .iter()
        .filter(finished)
        .map(|row| row.transaction.as_str())
        .collect();
    twice.dedup();
    if !twice.is_empty() {
        return (Outcome::Duplicate, format!("{FINISHED}: {}", twice.join(", ")));
    }
    if seen.iter().any(|row| row.is_written) {
        (Outcome::Written, String::new())
    } else {
        (Outcome::NothingToWrite, String::new())
    }
}

/// Write the event of a push as it is now; `seen`: its rows, once it has ended.
pub(super) async fn tell(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    push: &Push,
    seen: &[Row],
) -> ledgerline_store::Result<()> {
    let connection = connections::find(tx, push.app, company.environment, push.connection).await?;
    let end = match &push.state {
        PushState::Running => None,
        PushState::Ended(end) => Some(end),
    };
    let snapshot = PushSnapshot {
        id: push.id.0,
        connection: push.connection.0,
        platform: connection.map_or_else(String::new, |connection| connection.platform),
        version: push.version,
        requested_at: push.requested_at,
        finished_at: end.map(|end| end.at),
        outcome: end.map(|end| end.outcome.key().to_owned()),
        message: end.map_or_else(String::new, |end| end.message.clone()),
        exception: end.map_or_else(String::new, |end| end.exception.clone()),
        data_pushed: push.data_pushed,
        transactions: seen
            .iter()
            .map(|row| PushedSnapshot {
                transaction: row.transaction.clone(),
                leg: row.leg.key().to_owned(),
                status: row.status.key().to_owned(),
                message: row.message.clone(),
            })
            .collect(),
    };
    let mut of_company = events::of_company(company);
    of_company.external_id = company_details::external_id(tx, push.app, company.id).await?;
    let body = match end {
        None => Body::PushStarted {
            company: of_company,
            push: snapshot,
        },
        Some(end) if end.outcome.is_success() => Body::PushSucceeded {
            company: of_company,
            push: snapshot,
        },
        Some(_) => Body::PushFailed {
            company: of_company,
            push: snapshot,
        },
    };
    events::append(engine, tx, push.app, company.environment, company.id, body).await?;
    Ok(())
}

impl Work {
    /// What a push that ends early shows of what may be in the books.
    fn doubtful(&self) -> Vec<Row> {
        let doubtful = self
            .entries
            .iter()
            .filter(|entry| entry.is_open_of_push() && entry.leg.state.is_in_doubt());
        doubtful
            .map(|entry| Row {
                status: RowStatus::Unknown,
                message: Some("The push ended before it was known whether it is in the books.".into()),
                ..super::admit::row_of(&entry.leg)
            })
            .collect()
    }
}
