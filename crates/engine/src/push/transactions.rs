use ledgerline_model::PushId;
use ledgerline_model::company::Company;
use ledgerline_model::push::Row;
use ledgerline_store::push::{pushes, rows};
use ledgerline_store::{Result, Tx};

/// Some of what a push saw, and how much there is of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    pub rows: Vec<Row>,
    pub total: i64,
}

/// A page of the legs of a push, in the order of its items, the feed's leg first; pages count from 1. `None`: the
/// company has no such push.
pub async fn page(
    tx: &mut Tx,
    company: &Company,
    push: PushId,
    page: i64,
    page_size: i64,
) -> Result<Option<Page>> {
    if pushes::find(tx, company.app, company.id, push).await?.is_none() {
        return Ok(None);
    }
    let offset = page.max(1).saturating_sub(1).saturating_mul(page_size);
    Ok(Some(Page {
        rows: rows::page(tx, company.app, push, offset, page_size).await?,
        total: rows::count(tx, company.app, push).await?,
    }))
}

/// The legs of one transaction as a push saw them; none: it was no part of it.
pub async fn one(tx: &mut Tx, company: &Company, push: PushId, transaction: &str) -> Result<Vec<Row>> {
    if pushes::find(tx, company.app, company.id, push).await?.is_none() {
        return Ok(Vec::new());
    }
    rows::of_transaction(tx, company.app, push, transaction).await
}
