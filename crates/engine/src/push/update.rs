use ledgerline_model::company::Company;
use ledgerline_model::push::{Expense, Leg, Operation};
use ledgerline_store::Tx;
use ledgerline_store::push::{legs, pushes};
use ledgerline_store::{companies, connections};

use super::request::{Start, start};
use super::{Error, datasets};
use crate::Engine;

/// What became of the wish.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Update {
    Push(Start),
    /// No expense of this id is in the books.
    NotPosted,
    /// The platform cannot change what is posted, or not of this kind.
    NotSupported,
}

/// Give a posted expense other content, by a push of its own.
pub async fn update(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    version: i64,
    expense: &Expense,
) -> Result<Update, Error> {
    companies::lock(tx, company.app, company.id).await?;
    let known = legs::find(tx, company.app, company.id, vec![expense.id.clone()]).await?;
    let document = known.iter().find(|leg| leg.leg == Leg::Expense);
    if document.is_none_or(|document| document.posted.is_none()) {
        return Ok(Update::NotPosted);
    }
    let Some(connection) = connections::active(tx, company.app, company.id).await? else {
        return Ok(Update::Push(Start::NoConnection));
    };
    let entry = engine.registry.find(&connection.platform);
    let about = entry
        .and_then(|entry| entry.platform.push())
        .map(|push| push.about());
    if !about.is_some_and(|about| about.updatable.contains(&expense.kind)) {
        return Ok(Update::NotSupported);
    }
    if let Some(running) = pushes::running(tx, company.app, company.id).await? {
        return Ok(Update::Push(Start::AlreadyRunning(running.id)));
    }
    let expense = std::slice::from_ref(expense);
    let dataset = datasets::keep(engine, tx, company, version, Operation::Update, expense).await?;
    let started = start(engine, tx, company, Some(vec![dataset])).await?;
    Ok(Update::Push(started))
}
