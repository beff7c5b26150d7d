use ledgerline_engine::Engine;
use ledgerline_engine::link::{self, Target};
use ledgerline_model::ConnectionId;
use ledgerline_model::company::Company;
use ledgerline_store::expense_providers::{self, Provider};
use ledgerline_store::{Tx, companies};

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::super::views::ConnectionView;

/// As what the app's own side of the expenses is shown.
pub const NAME: &str = "Partner Expense";

/// Make the company's expense connection: it says that the app hands over expenses for it.
///
/// It is linked from the start, has no data of its own, and there is one; asked again, the same is given back.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/connections/partnerExpense", tag = "Expenses",
    responses((status = 200, body = ConnectionView))
)]
pub async fn create_partner_expense_connection(of: CompanyOf) -> Result<axum::Json<ConnectionView>, Error> {
    let mut tx = of.engine.store.write().await?;
    if companies::lock(&mut tx, of.app, of.company.id).await?.is_none() {
        return Err(Error::no_company(&of.company.id.to_string()));
    }
    let provider = match expense_providers::find(&mut tx, of.app, of.company.id).await? {
        Some(provider) => provider,
        None => {
            let now = of.engine.now();
            let provider = Provider {
                id: ConnectionId::new(of.engine.ids.as_ref(), now),
                created_at: now,
            };
            expense_providers::insert(&mut tx, of.app, of.company.id, &provider).await?;
            provider
        }
    };
    let view = view(&of.engine, &mut tx, &of.company, &provider).await?;
    tx.commit().await?;
    Ok(axum::Json(view))
}

/// The company's expense connection as lists show it.
pub async fn find(engine: &Engine, tx: &mut Tx, company: &Company) -> Result<Option<ConnectionView>, Error> {
    match expense_providers::find(tx, company.app, company.id).await? {
        Some(provider) => Ok(Some(view(engine, tx, company, &provider).await?)),
        None => Ok(None),
    }
}

/// The same, if it has this id.
pub async fn find_by_id(
    engine: &Engine,
    company: &Company,
    asked: &str,
) -> Result<Option<ConnectionView>, Error> {
    let mut tx = engine.store.read().await?;
    let found = expense_providers::find(&mut tx, company.app, company.id).await?;
    match found.filter(|provider| asked.parse() == Ok(provider.id)) {
        Some(provider) => Ok(Some(view(engine, &mut tx, company, &provider).await?)),
        None => Ok(None),
    }
}

/// Stop taking expenses for the company; says whether `asked` was its expense connection.
pub async fn delete(engine: &Engine, company: &Company, asked: &str) -> Result<bool, Error> {
    let mut tx = engine.store.write().await?;
    let found = expense_providers::find(&mut tx, company.app, company.id).await?;
    if found.is_none_or(|provider| asked.parse() != Ok(provider.id)) {
        return Ok(false);
    }
    expense_providers::delete(&mut tx, company.app, company.id).await?;
    tx.commit().await?;
    Ok(true)
}

async fn view(
    engine: &Engine,
    tx: &mut Tx,
    company: &Company,
    provider: &Provider,
) -> Result<ConnectionView, Error> {
    let key = link::key(tx).await?;
    let page = key.url(&engine.config.public_url, Target::from(company));
    Ok(ConnectionView::of_provider(
        provider.id,
        provider.created_at,
        NAME,
        page.into(),
    ))
}
