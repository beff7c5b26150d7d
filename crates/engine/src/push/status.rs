use ledgerline_model::PushId;
use ledgerline_model::company::Company;
use ledgerline_model::push::{Push, Row};
use ledgerline_store::push::{pushes, rows};
use ledgerline_store::{Result, Tx};

pub async fn one(tx: &mut Tx, company: &Company, id: PushId) -> Result<Option<Push>> {
    pushes::find(tx, company.app, company.id, id).await
}

/// The newest, also if it is still running.
pub async fn latest(tx: &mut Tx, company: &Company) -> Result<Option<Push>> {
    pushes::latest(tx, company.app, company.id).await
}

/// The newest that wrote all that it was asked for.
pub async fn last_successful(tx: &mut Tx, company: &Company) -> Result<Option<Push>> {
    pushes::last_successful(tx, company.app, company.id).await
}

/// The newest first; the last 1,000.
pub async fn list(tx: &mut Tx, company: &Company) -> Result<Vec<Push>> {
    pushes::list(tx, company.app, company.id, MOST).await
}

/// What it failed of: the first row that the platform refused; where it refused none, the first that is not in the
/// books.
pub async fn first_bad(tx: &mut Tx, push: &Push) -> Result<Option<Row>> {
    rows::first_bad(tx, push.app, push.id).await
}

const MOST: i64 = 1000;
