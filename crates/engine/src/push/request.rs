use std::collections::HashMap;

use ledgerline_model::company::Company;
use ledgerline_model::connection::Connection;
use ledgerline_model::push::{
    Content, Dataset, ItemLeg, Leg, LegState, Operation, Push, PushState, Row, RowStatus,
};
use ledgerline_model::{DatasetId, PushId, Timestamp};
use ledgerline_store::push::{datasets, items, legs, pushes, rows};
use ledgerline_store::{Tx, companies, connections};

use super::admit::{Admission, Known, admit, row_of};
use super::state::{Event, Rules, step};
use super::{Error, RunPush, end, tell};
use crate::{Engine, jobs};

/// What became of the wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Start {
    Started(Push),
    /// A company has one at a time.
    AlreadyRunning(PushId),
    /// The company has no connection that is linked to a platform which takes expenses.
    NoConnection,
    /// The company has no such dataset.
    UnknownDataset(DatasetId),
}

/// Queue the writing of these datasets; `None`: of all that no push has taken. What each transaction is to this push
/// is decided here, so that its rows can be read at once.
pub async fn start(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    wanted: Option<Vec<DatasetId>>,
) -> Result<Start, Error> {
    let Some(company) = companies::lock(tx, company.app, company.id).await? else {
        return Ok(Start::NoConnection);
    };
    let Some(connection) = writable(engine, tx, &company).await? else {
        return Ok(Start::NoConnection);
    };
    if let Some(running) = pushes::running(tx, company.app, company.id).await? {
        return Ok(Start::AlreadyRunning(running.id));
    }
    let taken = match datasets_of(tx, &company, wanted).await? {
        Ok(taken) => taken,
        Err(unknown) => return Ok(Start::UnknownDataset(unknown)),
    };
    let now = engine.now();
    // Later than the one before, so that their order is known on a clock that stands still.
    let before = pushes::latest(tx, company.app, company.id).await?;
    let after = before.and_then(|before| {
        before
            .requested_at
            .checked_add(jiff::SignedDuration::from_micros(1))
            .ok()
    });
    let push = Push {
        app: company.app,
        id: PushId(engine.uuid()),
        company: company.id,
        connection: connection.id,
        version: taken.iter().map(|dataset| dataset.version).max().unwrap_or(1),
        state: PushState::Running,
        requested_at: after.map_or(now, |after| after.max(now)),
        last_progress_at: now,
        data_pushed: false,
    };
    pushes::insert(tx, &push).await?;
    for dataset in &taken {
        datasets::take(tx, company.app, dataset.id, push.id).await?;
    }
    let wanted = contents_of(tx, &company, &taken).await?;
    let feeds_bank = connections::feeds_bank(tx, connection.app, connection.id).await?;
    take(engine, tx, &push, wanted, feeds_bank).await?;
    end::tell(engine, tx, &company, &push, &[]).await?;
    tell::began(engine, tx, &company, &push).await?;
    let key = Some(key_of(&company));
    let payload = RunPush::of(company.id, Some(push.id));
    jobs::enqueue(tx, company.app, jobs::PUSH_RUN, &payload, key, now).await?;
    engine.work.notify_one();
    Ok(Start::Started(push))
}

/// The datasets that are asked for, each once, or the one that the company does not have.
pub(super) async fn datasets_of(
    tx: &mut Tx,
    company: &Company,
    wanted: Option<Vec<DatasetId>>,
) -> Result<Result<Vec<Dataset>, DatasetId>, Error> {
    let Some(ids) = wanted else {
        return Ok(Ok(datasets::pending(tx, company.app, company.id).await?));
    };
    let mut found: Vec<Dataset> = Vec::with_capacity(ids.len());
    for id in ids {
        match datasets::find(tx, company.app, company.id, id).await? {
            Some(dataset) if found.iter().any(|other| other.id == dataset.id) => {}
            Some(dataset) => found.push(dataset),
            None => return Ok(Err(id)),
        }
    }
    Ok(Ok(found))
}

/// What they hold, each transaction once.
pub(super) async fn contents_of(
    tx: &mut Tx,
    company: &Company,
    taken: &[Dataset],
) -> Result<Vec<(Content, Operation)>, Error> {
    let mut wanted = Vec::new();
    for dataset in taken {
        for content in datasets::contents(tx, company.app, dataset.id).await? {
            wanted.push((content, dataset.operation));
        }
    }
    Ok(latest_of_each(wanted))
}

/// One job of a company at a time.
pub(super) fn key_of(company: &Company) -> String {
    format!("{}:{}", jobs::PUSH_RUN, company.id)
}

/// The connection that the company's expenses go to.
async fn writable(engine: &Engine, tx: &mut Tx, company: &Company) -> Result<Option<Connection>, Error> {
    let connection = connections::active(tx, company.app, company.id).await?;
    let Some(connection) = connection.filter(|connection| connection.state.is_active()) else {
        return Ok(None);
    };
    let entry = engine.registry.find(&connection.platform);
    let writes = entry.is_some_and(|entry| entry.platform.push().is_some());
    Ok(writes.then_some(connection))
}

/// Of a transaction that was handed over several times the last one counts; it keeps the place of the first.
fn latest_of_each(wanted: Vec<(Content, Operation)>) -> Vec<(Content, Operation)> {
    let mut places: HashMap<String, usize> = HashMap::with_capacity(wanted.len());
    let mut latest: Vec<(Content, Operation)> = Vec::with_capacity(wanted.len());
    for (content, operation) in wanted {
        match places.get(&content.transaction) {
            Some(&place) => {
                if let Some(slot) = latest.get_mut(place) {
                    *slot = (content, operation);
                }
            }
            None => {
                places.insert(content.transaction.clone(), latest.len());
                latest.push((content, operation));
            }
        }
    }
    latest
}

/// Legs are not asked anything here: the times of these rules mean nothing.
const RULES: Rules = Rules {
    hold: std::time::Duration::ZERO,
    poll: std::time::Duration::ZERO,
    most_sends: 0,
};

/// Decide about each transaction, and keep what was decided.
async fn take(
    engine: &Engine,
    tx: &mut Tx,
    push: &Push,
    wanted: Vec<(Content, Operation)>,
    feeds_bank: bool,
) -> Result<(), Error> {
    let (app, company, now) = (push.app, push.company, engine.now());
    let ids: Vec<String> = wanted
        .iter()
        .map(|(content, _)| content.transaction.clone())
        .collect();
    let mut contents = items::find(tx, app, company, ids.clone()).await?;
    let mut known: HashMap<String, Vec<ItemLeg>> = HashMap::new();
    for leg in legs::find(tx, app, company, ids).await? {
        known.entry(leg.transaction.clone()).or_default().push(leg);
    }
    let (mut taken, mut moved, mut seen) = (Vec::new(), Vec::new(), Vec::new());
    for (content, operation) in wanted {
        let known = contents.remove(&content.transaction).map(|content| Known {
            legs: known.remove(&content.transaction).unwrap_or_default(),
            content,
        });
        let admission = admit(known.as_ref(), &content, operation);
        let before = known.map(|known| known.legs).unwrap_or_default();
        for leg in legs_of(&content.transaction, before, operation, feeds_bank) {
            let (leg, row) = match &admission {
                Admission::Take => {
                    let leg = admitted(&leg, operation, now);
                    let row = row_of(&leg);
                    (Some(leg), row)
                }
                Admission::Join => {
                    let (leg, _) = step(&leg, Event::Admitted, &RULES, now);
                    let row = row_of(&leg);
                    (Some(leg), row)
                }
                Admission::Duplicate => (None, finished(&content, leg.leg)),
                Admission::Refuse(message) => (None, refused(&leg, message)),
            };
            moved.extend(leg);
            seen.push(row);
        }
        if admission == Admission::Take {
            taken.push(content);
        }
    }
    items::save(tx, app, company, &taken, now).await?;
    legs::save(tx, app, company, &moved).await?;
    rows::insert(tx, app, push.id, &seen).await?;
    Ok(())
}

/// A leg of which the app wants this.
pub(super) fn admitted(leg: &ItemLeg, operation: Operation, now: Timestamp) -> ItemLeg {
    let event = match operation {
        Operation::Create => Event::Admitted,
        Operation::Update => Event::Updated,
    };
    step(leg, event, &RULES, now).0
}

fn may_be_fed(leg: &ItemLeg) -> bool {
    match leg.state {
        LegState::Intent
        | LegState::Pending
        | LegState::Posted
        | LegState::Unknown
        | LegState::NeedsReview => true,
        LegState::Accepted | LegState::Invalid | LegState::Rejected => false,
    }
}

/// The legs of a transaction that a push is about, the feed's first; those that are new are made.
pub(super) fn legs_of(
    transaction: &str,
    before: Vec<ItemLeg>,
    operation: Operation,
    feeds_bank: bool,
) -> Vec<ItemLeg> {
    let mut legs = before;
    // What may have been fed is followed to its end, also once the feed was switched off; what was refused is not.
    legs.retain(|leg| match leg.leg {
        Leg::Expense => true,
        Leg::BankFeed => operation == Operation::Create && (feeds_bank || may_be_fed(leg)),
    });
    let wanted: &[Leg] = if feeds_bank && operation == Operation::Create {
        &Leg::ALL
    } else {
        &[Leg::Expense]
    };
    for leg in wanted {
        if !legs.iter().any(|known| known.leg == *leg) {
            legs.push(ItemLeg::new(transaction, *leg));
        }
    }
    legs.sort_by_key(|leg| leg.leg);
    legs
}

/// A transaction that an earlier push has written, as its dialects word it.
pub(super) const FINISHED: &str = "One or more transactions have previously been processed";

fn finished(content: &Content, leg: Leg) -> Row {
    Row {
        transaction: content.transaction.clone(),
        leg,
        status: RowStatus::Completed,
        message: Some(format!("{FINISHED}: {}", content.transaction)),
        is_written: false,
        found: None,
    }
}

fn refused(leg: &ItemLeg, message: &str) -> Row {
    Row {
        status: RowStatus::Invalid,
        message: Some(message.to_owned()),
        ..row_of(leg)
    }
}
