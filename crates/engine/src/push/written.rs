use ledgerline_model::PushId;
use ledgerline_model::company::Company;
use ledgerline_model::push::ItemLeg;
use ledgerline_store::push::{legs, rows};
use ledgerline_store::{Result, Tx};

/// The legs that a push has written, in its order; empty for a push that the company does not have.
pub async fn of_push(tx: &mut Tx, company: &Company, push: PushId) -> Result<Vec<ItemLeg>> {
    let mut seen = rows::all(tx, company.app, push).await?;
    seen.retain(|row| row.is_written);
    let mut transactions: Vec<String> = seen.iter().map(|row| row.transaction.clone()).collect();
    transactions.dedup();
    let mut found = legs::find(tx, company.app, company.id, transactions).await?;
    let place = |leg: &ItemLeg| {
        seen.iter()
            .position(|row| row.transaction == leg.transaction && row.leg == leg.leg)
    };
    found.retain(|leg| place(leg).is_some());
    found.sort_by_key(place);
    Ok(found)
}
