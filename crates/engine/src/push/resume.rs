use ledgerline_model::company::Company;
use ledgerline_store::Tx;
use ledgerline_store::push::legs;

use super::RunPush;
use super::request::key_of;
use crate::{Engine, jobs};

/// The company's push is to see at once that its connection is gone, however long it was to wait.
pub(crate) async fn wake(engine: &Engine, tx: &mut Tx, company: &Company) -> ledgerline_store::Result<()> {
    ledgerline_store::jobs::hasten(tx, company.app, &key_of(company), engine.now()).await?;
    Ok(())
}

/// The company is linked again: what pushes have left in doubt can be found out, in the books that it was sent to.
pub(crate) async fn resume(engine: &Engine, tx: &mut Tx, company: &Company) -> Result<(), jobs::Error> {
    if legs::unsettled(tx, company.app, company.id).await?.is_empty() {
        return Ok(());
    }
    let payload = RunPush::of(company.id, None);
    let key = Some(key_of(company));
    jobs::enqueue(tx, company.app, jobs::PUSH_RUN, &payload, key, engine.now()).await
}
