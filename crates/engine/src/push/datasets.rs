use jiff::SignedDuration;
use ledgerline_model::DatasetId;
use ledgerline_model::company::Company;
use ledgerline_model::push::{Content, Dataset, Expense, Operation};
use ledgerline_store::Tx;
use ledgerline_store::push::datasets;

use super::Error;
use crate::Engine;

/// Keep a list of expenses until a push takes it. They are judged then, so that a list can always be handed over.
pub async fn create(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    version: i64,
    expenses: &[Expense],
) -> Result<DatasetId, Error> {
    keep(engine, tx, company, version, Operation::Create, expenses).await
}

/// The caller holds the company, or nobody else hands over the same transactions.
pub(super) async fn keep(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    version: i64,
    operation: Operation,
    expenses: &[Expense],
) -> Result<DatasetId, Error> {
    let mut contents = Vec::with_capacity(expenses.len());
    for expense in expenses {
        if expense.id.is_empty() || expense.id.contains('\0') || expense.id.len() > LONGEST_ID {
            return Err(Error::Content(format!(
                "an id must have 1 to {LONGEST_ID} bytes and no U+0000"
            )));
        }
        contents.push(Content::of(expense).map_err(|error| Error::Content(error.to_string()))?);
    }
    // Later than the one before, whose content it may replace.
    let before = datasets::last_created(tx, company.app, company.id).await?;
    let now = engine.now();
    let after = before.and_then(|before| before.checked_add(SignedDuration::from_micros(1)).ok());
    let dataset = Dataset {
        app: company.app,
        id: DatasetId(engine.uuid()),
        company: company.id,
        version,
        operation,
        created_at: after.map_or(now, |after| after.max(now)),
        push: None,
    };
    datasets::insert(tx, &dataset, &contents).await?;
    Ok(dataset.id)
}

/// Bytes: indexes cannot hold much more.
const LONGEST_ID: usize = 1000;
