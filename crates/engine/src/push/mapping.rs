use ledgerline_model::company::Company;
use ledgerline_model::push::Mapping;
use ledgerline_store::Tx;
use ledgerline_store::push::mapping;

use crate::Engine;

/// The company's defaults; `None` until they were set.
pub async fn get(tx: &mut Tx, company: &Company) -> ledgerline_store::Result<Option<Mapping>> {
    mapping::find(tx, company.app, company.id).await
}

/// Set them all; what refers to them is judged when it is pushed.
pub async fn set(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    to: &Mapping,
) -> ledgerline_store::Result<()> {
    mapping::save(tx, company.app, company.id, to, engine.now()).await
}
