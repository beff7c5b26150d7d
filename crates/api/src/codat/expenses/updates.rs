use axum::extract::Path;
use http::StatusCode;
use ledgerline_engine::push::update::{Update, update};
use ledgerline_model::PushId;
use ledgerline_model::push::Expense;
use ledgerline_store::push::items;
use ledgerline_store::{Tx, expense_providers};
use serde_json::value::RawValue;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::datasets::{ExpenseTransaction, LARGEST};
use super::request;
use super::rows::spelled;
use super::syncs::{SyncInitiated, started};
use crate::body::Json;

/// Change an expense that is in the books. The body is that of a transaction without its `id`; `currency` may be
/// left out, and stays as it is then.
#[utoipa::path(
    put, path = "/companies/{companyId}/sync/expenses/expense-transactions/{transactionId}", tag = "Expenses",
    request_body = ExpenseTransaction,
    responses(
        (status = 202, body = SyncInitiated),
        (status = 422, description = "The platform cannot change it, or a sync is running.")
    )
)]
pub async fn update_expense_transaction(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<(StatusCode, axum::Json<SyncInitiated>), Error> {
    let (_, asked) = path;
    let id = spelled(&asked);
    let wanted = request::updated(&body, &id).map_err(Error::invalid)?;
    let mut expense = wanted.expense;
    let mut tx = of.engine.store.write().await?;
    if wanted.currency.is_none() {
        expense.currency = currency_of(&mut tx, &of, &id)
            .await?
            .ok_or_else(|| not_posted(&asked))?;
    }
    let push = change(&of, &mut tx, 1, &expense).await?;
    let push = push.ok_or_else(|| not_posted(&asked))?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok((StatusCode::ACCEPTED, axum::Json(push.into())))
}

/// Give a posted expense this content; `None`: none of this id is in the books.
pub async fn change(
    of: &CompanyOf,
    tx: &mut Tx,
    version: i64,
    expense: &Expense,
) -> Result<Option<PushId>, Error> {
    if expense_providers::find(tx, of.app, of.company.id)
        .await?
        .is_none()
    {
        return Ok(None);
    }
    match update(&of.engine, tx, &of.company, version, expense).await? {
        Update::Push(start) => started(of.company.id, start).map(Some),
        Update::NotPosted => Ok(None),
        Update::NotSupported => Err(Error::unprocessable(
            "Expense transaction updates are not supported for platforms other than Xero.",
        )),
    }
}

pub fn not_posted(asked: &str) -> Error {
    Error::no_such_expense("posted expense transaction", asked)
}

async fn currency_of(tx: &mut Tx, of: &CompanyOf, id: &str) -> Result<Option<String>, Error> {
    let mut known = items::find(tx, of.app, of.company.id, vec![id.to_owned()]).await?;
    let Some(known) = known.remove(id) else {
        return Ok(None);
    };
    let expense = known.expense().map_err(|error| Error::internal(&error))?;
    Ok(Some(expense.currency))
}
