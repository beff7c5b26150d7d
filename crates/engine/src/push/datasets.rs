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
    let dataset = Dataset {
        app: company.app,
        id: DatasetId(engine.uuid()),
        company: company.id,
        version,
        operation,
        created_at: engine.now(),
        push: None,
    };
    datasets::insert(tx, &dataset, &contents).await?;
    Ok(dataset.id)
}

/// Bytes: indexes cannot hold much more.
const LONGEST_ID: usize = 1000;
