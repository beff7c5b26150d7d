use ledgerline_model::PushId;
use ledgerline_model::company::Company;
use ledgerline_model::push::Push;
use ledgerline_store::push::pushes;
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

const MOST: i64 = 1000;
