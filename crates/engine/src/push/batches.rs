use std::collections::HashMap;

use ledgerline_model::Timestamp;
use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::push::{
    Batch, BatchState, BatchStatus, Cause, Content, Expense, ItemLeg, Leg, Outcome, Push, PushState, Row,
    RowStatus,
};
use ledgerline_platform::push::Posted;
use ledgerline_store::push::{batches, datasets as stored, legs, pushes, rows};
use ledgerline_store::{Tx, companies};

use super::request::{Start, start};
use super::run::UNLINKED;
use super::{Error, datasets, tell};
use crate::Engine;

/// Hand over expenses that are written at once, or as soon as those that were handed over before are.
pub async fn submit(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    connection: &Connection,
    expenses: &[Expense],
) -> Result<Batch, Error> {
    companies::lock(tx, company.app, company.id).await?;
    let id = datasets::create(engine, tx, company, 1, expenses).await?;
    let batch = Batch {
        app: company.app,
        id,
        company: company.id,
        connection: connection.id,
        items: i64::try_from(expenses.len()).unwrap_or(i64::MAX),
        created_at: engine.now(),
        state: BatchState::Queued,
    };
    batches::insert(tx, &batch).await?;
    next(engine, tx, company).await?;
    Ok(batch)
}

/// Begin with the batch whose turn it is, unless a push of the company runs: the end of that one calls again.
pub(super) async fn next(engine: &Engine, tx: &mut Tx, company: &Company) -> Result<(), Error> {
    while let Some(batch) = batches::next(tx, company.app, company.id).await? {
        let active = ledgerline_store::connections::active(tx, company.app, company.id).await?;
        let is_meant = active.is_some_and(|active| active.id == batch.connection);
        let started = match is_meant {
            true => start(engine, tx, company, Some(vec![batch.id])).await?,
            false => Start::NoConnection,
        };
        match started {
            Start::Started(_) | Start::AlreadyRunning(_) => return Ok(()),
            Start::NoConnection | Start::UnknownDataset(_) => {
                let at = engine.now();
                batches::refuse(tx, company.app, batch.id, at, UNLINKED).await?;
                let reason = UNLINKED.to_owned();
                let state = BatchState::Refused { at, reason };
                tell::refused(engine, tx, company, Batch { state, ..batch }).await?;
            }
        }
    }
    Ok(())
}

/// A batch, how far it has got, and its push, if one has taken it.
#[derive(Clone, Debug)]
pub struct Progress {
    pub batch: Batch,
    pub status: BatchStatus,
    /// Expenses that are in the books.
    pub succeeded: i64,
    /// Expenses that are not, and why is known.
    pub failed: i64,
    pub updated_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// One expense of a batch.
#[derive(Clone, Debug)]
pub struct BatchItem {
    pub content: Content,
    pub status: ItemStatus,
    /// Why it is not in the books, once it is decided that it is not.
    pub cause: Option<Cause>,
    /// Why it is as it is.
    pub message: Option<String>,
    /// The document in the books.
    pub posted: Option<Posted>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ItemStatus {
    Pending,
    Processing,
    Success,
    Failed,
    /// An earlier batch had written it.
    Skipped,
}

/// How far a batch has got, with all its expenses in their order.
pub async fn look(tx: &mut Tx, batch: Batch) -> Result<(Progress, Vec<BatchItem>), Error> {
    let contents = stored::contents(tx, batch.app, batch.id).await?;
    let push = match &batch.state {
        BatchState::Taken(push) => pushes::find(tx, batch.app, batch.company, *push).await?,
        BatchState::Queued | BatchState::Refused { .. } => None,
    };
    let mut seen: HashMap<String, Row> = HashMap::new();
    let mut known: HashMap<String, ItemLeg> = HashMap::new();
    if let Some(push) = &push {
        let all = rows::all(tx, batch.app, push.id).await?;
        let documents = all.into_iter().filter(|row| row.leg == Leg::Expense);
        seen.extend(documents.map(|row| (row.transaction.clone(), row)));
        let ids = contents
            .iter()
            .map(|content| content.transaction.clone())
            .collect();
        let documents = legs::find(tx, batch.app, batch.company, ids).await?;
        let documents = documents.into_iter().filter(|leg| leg.leg == Leg::Expense);
        known.extend(documents.map(|leg| (leg.transaction.clone(), leg)));
    }
    let items: Vec<BatchItem> = contents
        .into_iter()
        .map(|content| {
            let row = seen.remove(&content.transaction);
            let Fate {
                status,
                cause,
                message,
            } = fate(&batch, push.as_ref(), row.as_ref());
            let posted = known.remove(&content.transaction).and_then(|leg| leg.posted);
            let posted = posted.filter(|_| matches!(status, ItemStatus::Success | ItemStatus::Skipped));
            BatchItem {
                posted: posted.and_then(|posted| serde_json::from_str(&posted).ok()),
                content,
                status,
                cause,
                message,
            }
        })
        .collect();
    Ok((progress(batch, push.as_ref(), &items), items))
}

/// What became of an expense, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fate {
    pub status: ItemStatus,
    pub cause: Option<Cause>,
    pub message: Option<String>,
}

impl Fate {
    const fn good(status: ItemStatus, message: Option<String>) -> Self {
        Self {
            status,
            cause: None,
            message,
        }
    }

    const fn failed(cause: Cause, message: Option<String>) -> Self {
        Self {
            status: ItemStatus::Failed,
            cause: Some(cause),
            message,
        }
    }
}

/// What became of one expense, of which a push saw this.
fn fate(batch: &Batch, push: Option<&Push>, row: Option<&Row>) -> Fate {
    if let BatchState::Refused { reason, .. } = &batch.state {
        return Fate::failed(Cause::Connection, Some(reason.clone()));
    }
    let Some(push) = push else {
        return Fate::good(ItemStatus::Pending, None);
    };
    let Some(row) = row else {
        return Fate::good(ItemStatus::Processing, None);
    };
    match (decided(row), &push.state) {
        (Some(fate), _) => fate,
        (None, PushState::Running) => Fate::good(ItemStatus::Processing, None),
        (None, PushState::Ended(end)) => {
            let cause = match (row.status, end.outcome) {
                (RowStatus::Unknown, _) => Cause::Doubt,
                (_, Outcome::Deauthorized) => Cause::Connection,
                (_, _) => Cause::Unreachable,
            };
            let message = row.message.clone().unwrap_or_else(|| end.message.clone());
            Fate::failed(cause, Some(message))
        }
    }
}

/// What the row says by itself, or what became known of it later; `None`: the end of its push decides.
pub(super) fn decided(row: &Row) -> Option<Fate> {
    match row.status {
        RowStatus::Completed if row.is_written => Some(Fate::good(ItemStatus::Success, None)),
        RowStatus::Completed => Some(Fate::good(ItemStatus::Skipped, row.message.clone())),
        RowStatus::Invalid => Some(Fate::failed(Cause::Content, row.message.clone())),
        RowStatus::Failed => Some(Fate::failed(Cause::Platform, row.message.clone())),
        RowStatus::Unknown => {
            let found = row.found.as_ref()?;
            Some(match found.is_posted {
                true => Fate::good(ItemStatus::Success, None),
                false => Fate::failed(Cause::Platform, found.message.clone()),
            })
        }
        RowStatus::Pending => None,
    }
}

fn progress(batch: Batch, push: Option<&Push>, items: &[BatchItem]) -> Progress {
    let count = |wanted: &[ItemStatus]| {
        let counted = items.iter().filter(|item| wanted.contains(&item.status)).count();
        i64::try_from(counted).unwrap_or(i64::MAX)
    };
    let succeeded = count(&[ItemStatus::Success, ItemStatus::Skipped]);
    let ended_at = match (&batch.state, push.map(|push| &push.state)) {
        (BatchState::Refused { at, .. }, _) => Some(*at),
        (_, Some(PushState::Ended(end))) => Some(end.at),
        (_, Some(PushState::Running) | None) => None,
    };
    let status = match (ended_at, push) {
        (Some(_), _) if succeeded > 0 => BatchStatus::Completed,
        (Some(_), _) => BatchStatus::Failed,
        (None, Some(_)) => BatchStatus::Processing,
        (None, None) => BatchStatus::Pending,
    };
    Progress {
        status,
        succeeded,
        failed: count(&[ItemStatus::Failed]),
        updated_at: ended_at
            .or(push.map(|push| push.last_progress_at))
            .unwrap_or(batch.created_at),
        ended_at,
        batch,
    }
}
