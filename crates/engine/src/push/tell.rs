//! What is told of batches and their expenses, each time in the transaction that decides it.
//!
//! Of each expense of a batch it is told once what became of it: when it is posted or refused, or when its push ends;
//! and once more where that left it in doubt, when it is known.

use std::collections::{BTreeSet, HashMap, HashSet};

use ledgerline_model::PushId;
use ledgerline_model::company::Company;
use ledgerline_model::event::{BatchSnapshot, Body, CompanySnapshot, DocumentSnapshot, ItemSnapshot};
use ledgerline_model::push::{Batch, BatchStatus, Found, ItemLeg, Leg, LegState, Member, Push, Row};
use ledgerline_platform::push::Posted;
use ledgerline_store::Tx;
use ledgerline_store::push::{batches as stored, rows};

use super::Error;
use super::batches::{self, BatchItem, Fate, ItemStatus, Progress, decided};
use crate::{Engine, events};

/// A push begins: so do its batches, and of some expenses it is decided already.
pub(super) async fn began(engine: &Engine, tx: &mut Tx, company: &Company, push: &Push) -> Result<(), Error> {
    for batch in stored::of_push(tx, push.app, push.company, push.id).await? {
        let (progress, items) = batches::look(tx, batch).await?;
        let of = events::of_company(company);
        let mut bodies = vec![Body::BatchStarted {
            company: of.clone(),
            batch: snapshot(&progress),
        }];
        bodies.extend(
            items
                .into_iter()
                .filter_map(|item| of_item(&of, &progress.batch, item)),
        );
        append(engine, tx, company, bodies).await?;
    }
    Ok(())
}

/// A push has ended: so have its batches, and with them what was open when it did.
pub(super) async fn ended(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    push: &Push,
    seen: &[Row],
) -> Result<(), Error> {
    let open = seen
        .iter()
        .filter(|row| row.leg == Leg::Expense && decided(row).is_none());
    let open: HashSet<&str> = open.map(|row| row.transaction.as_str()).collect();
    for batch in stored::of_push(tx, push.app, push.company, push.id).await? {
        let (progress, mut items) = batches::look(tx, batch).await?;
        items.retain(|item| open.contains(item.content.transaction.as_str()));
        end(engine, tx, company, &progress, items).await?;
    }
    Ok(())
}

/// The turn of a batch came, and it could not be begun.
pub(super) async fn refused(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    batch: Batch,
) -> Result<(), Error> {
    let (progress, items) = batches::look(tx, batch).await?;
    end(engine, tx, company, &progress, items).await
}

async fn end(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    progress: &Progress,
    items: Vec<BatchItem>,
) -> Result<(), Error> {
    let of = events::of_company(company);
    let items = items.into_iter();
    let mut bodies: Vec<Body> = items
        .filter_map(|item| of_item(&of, &progress.batch, item))
        .collect();
    let batch = snapshot(progress);
    bodies.push(match progress.status {
        BatchStatus::Completed => Body::BatchCompleted { company: of, batch },
        BatchStatus::Failed | BatchStatus::Pending | BatchStatus::Processing => {
            Body::BatchFailed { company: of, batch }
        }
    });
    append(engine, tx, company, bodies).await
}

/// The expenses of batches that a push writes, by transaction.
#[derive(Default)]
pub(super) struct Members(HashMap<String, Vec<Member>>);

impl Members {
    pub async fn of(tx: &mut Tx, push: &Push) -> ledgerline_store::Result<Self> {
        let mut members: HashMap<String, Vec<Member>> = HashMap::new();
        for member in stored::members(tx, push.app, push.company, push.id).await? {
            members
                .entry(member.transaction.clone())
                .or_default()
                .push(member);
        }
        Ok(Self(members))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What became of some of them in the midst of a push, each with the document where it is posted.
    pub async fn tell(
        &self,
        engine: &Engine,
        tx: &mut Tx,
        company: &Company,
        rows: &[(Row, Option<String>)],
    ) -> ledgerline_store::Result<()> {
        let of = events::of_company(company);
        let mut bodies = Vec::new();
        for (row, posted) in rows.iter().filter(|(row, _)| row.leg == Leg::Expense) {
            let Some(fate) = decided(row) else { continue };
            let members = self.0.get(&row.transaction);
            for member in members.into_iter().flatten() {
                let document = posted
                    .as_deref()
                    .and_then(|posted| serde_json::from_str(posted).ok());
                bodies.extend(told(&of, member.clone(), fate.clone(), document));
            }
        }
        events::append_all(engine, tx, company.app, company.environment, company.id, bodies).await
    }
}

/// It is known by now what became of documents that pushes had left in doubt: their batches follow, and it is told.
pub(super) async fn found(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    settled: &[ItemLeg],
) -> Result<(), Error> {
    let mut found: Vec<(PushId, &str)> = Vec::new();
    for leg in settled {
        let outcome = Found {
            is_posted: leg.state == LegState::Posted,
            message: leg.message.clone(),
        };
        let pushes = rows::found(tx, company.app, company.id, &leg.transaction, &outcome).await?;
        found.extend(pushes.into_iter().map(|push| (push, leg.transaction.as_str())));
    }
    let pushes: BTreeSet<PushId> = found.iter().map(|(push, _)| *push).collect();
    for push in pushes {
        let of_push = found.iter().filter(|(of, _)| *of == push);
        let transactions: HashSet<&str> = of_push.map(|(_, transaction)| *transaction).collect();
        for batch in stored::of_push(tx, company.app, company.id, push).await? {
            let (progress, mut items) = batches::look(tx, batch).await?;
            items.retain(|item| transactions.contains(item.content.transaction.as_str()));
            let posted = items
                .iter()
                .filter(|item| item.status == ItemStatus::Success)
                .count();
            // It had failed as long as none of its expenses was in the books.
            let is_other = posted > 0 && usize::try_from(progress.succeeded) == Ok(posted);
            let of = events::of_company(company);
            let mut bodies: Vec<Body> = items
                .into_iter()
                .filter_map(|item| of_item(&of, &progress.batch, item))
                .collect();
            if is_other {
                let batch = snapshot(&progress);
                bodies.push(Body::BatchCompleted { company: of, batch });
            }
            append(engine, tx, company, bodies).await?;
        }
    }
    Ok(())
}

async fn append(engine: &Engine, tx: &mut Tx, company: &Company, bodies: Vec<Body>) -> Result<(), Error> {
    events::append_all(engine, tx, company.app, company.environment, company.id, bodies).await?;
    Ok(())
}

fn of_item(company: &CompanySnapshot, batch: &Batch, item: BatchItem) -> Option<Body> {
    let member = Member {
        batch: batch.id,
        connection: batch.connection,
        transaction: item.content.transaction,
        created_at: batch.created_at,
    };
    let fate = Fate {
        status: item.status,
        cause: item.cause,
        message: item.message,
    };
    told(company, member, fate, item.posted)
}

/// Nothing of what is not decided.
fn told(company: &CompanySnapshot, member: Member, fate: Fate, document: Option<Posted>) -> Option<Body> {
    let is_good = match fate.status {
        ItemStatus::Success | ItemStatus::Skipped => true,
        ItemStatus::Failed => false,
        ItemStatus::Pending | ItemStatus::Processing => return None,
    };
    let item = ItemSnapshot {
        batch: member.batch.0,
        connection: member.connection.0,
        transaction: member.transaction,
        is_written: fate.status == ItemStatus::Success,
        document: document.filter(|_| is_good).map(|posted| document_of(&posted)),
        cause: fate.cause.map(|cause| cause.key().to_owned()),
        message: fate.message,
        created_at: member.created_at,
    };
    let company = company.clone();
    Some(match is_good {
        true => Body::ExpenseSynced { company, item },
        false => Body::ExpenseFailed { company, item },
    })
}

pub(super) fn document_of(posted: &Posted) -> DocumentSnapshot {
    DocumentSnapshot {
        id: posted.id.clone(),
        version: posted.version.clone(),
    }
}

fn snapshot(progress: &Progress) -> BatchSnapshot {
    let batch = &progress.batch;
    BatchSnapshot {
        id: batch.id.0,
        connection: batch.connection.0,
        items: batch.items,
        succeeded: progress.succeeded,
        failed: progress.failed,
        created_at: batch.created_at,
        updated_at: progress.updated_at,
        ended_at: progress.ended_at,
    }
}
