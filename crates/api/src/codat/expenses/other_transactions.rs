use axum::extract::Path;
use ledgerline_model::DataType;
use ledgerline_store::reading;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::errors::{Error, Problem};
use super::super::owned::CompanyOf;
use super::super::query::Parameters;
use super::super::records::{readable, readable_connection};
use super::datasets::{LARGEST, sync};
use super::request;
use super::rows::spelled;
use super::syncs::SyncInitiated;
use super::updates::{change, not_posted};
use crate::body::Json;

/// Move money between two accounts of the business, and sync that at once; of one that is in the books already the
/// content is changed.
#[utoipa::path(
    put, path = "/companies/{companyId}/sync/expenses/transfer-transactions/{transactionId}", tag = "Expenses",
    request_body = Object, responses((status = 200, body = SyncInitiated))
)]
pub async fn put_transfer_transaction(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
    Json(body): Json<Box<RawValue>>,
) -> Result<axum::Json<SyncInitiated>, Error> {
    let (_, asked) = path;
    let id = request::id(&asked).map_err(Error::invalid)?;
    let mut transfer = request::transfer(&body, &id).map_err(Error::invalid)?;
    transfer.expense.currency = currency_of_account(&of, &transfer.from).await?;
    let mut tx = of.engine.store.write().await?;
    if let Some(push) = change(&of, &mut tx, 2, &transfer.expense).await? {
        tx.commit().await?;
        of.engine.work.notify_one();
        return Ok(axum::Json(push.into()));
    }
    drop(tx);
    Ok(axum::Json(sync(&of, &[transfer.expense]).await?.into()))
}

/// Write adjustments, as journals of lines that sum to 0, and sync them at once.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/adjustment-transactions", tag = "Expenses",
    request_body = Vec<Object>, responses((status = 200, body = SyncInitiated))
)]
pub async fn create_adjustment_transactions(
    of: CompanyOf,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<axum::Json<SyncInitiated>, Error> {
    let expenses = request::adjustments(&body).map_err(Error::invalid)?;
    Ok(axum::Json(sync(&of, &expenses).await?.into()))
}

/// Write what is owed to employees, and sync it at once.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/reimbursable-expense-transactions", tag = "Expenses",
    request_body = Vec<Object>, responses((status = 200, body = SyncInitiated))
)]
pub async fn create_reimbursable_expense_transactions(
    of: CompanyOf,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<axum::Json<SyncInitiated>, Error> {
    let expenses = request::reimbursements(&body).map_err(Error::invalid)?;
    Ok(axum::Json(sync(&of, &expenses).await?.into()))
}

/// Change what is owed to an employee and is in the books.
#[utoipa::path(
    put, path = "/companies/{companyId}/sync/expenses/reimbursable-expense-transactions/{transactionId}",
    tag = "Expenses", request_body = Object, responses((status = 200, body = SyncInitiated))
)]
pub async fn update_reimbursable_expense_transaction(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<axum::Json<SyncInitiated>, Error> {
    let (_, asked) = path;
    let expense = request::reimbursement(&body, &spelled(&asked)).map_err(Error::invalid)?;
    let mut tx = of.engine.store.write().await?;
    let push = change(&of, &mut tx, 2, &expense).await?;
    let push = push.ok_or_else(|| not_posted(&asked))?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(axum::Json(push.into()))
}

/// A transfer's amounts are in the currency of the account that they leave, which is that of the stored data.
async fn currency_of_account(of: &CompanyOf, account: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Account {
        currency: Option<String>,
    }

    let mut tx = of.engine.store.read().await?;
    let connection = readable_connection(&mut tx, of).await?;
    let accounts = readable(
        &of.engine,
        &mut tx,
        &connection,
        DataType::ChartOfAccounts,
        &Parameters::default(),
    )
    .await?;
    let found = reading::one(&mut tx, accounts, account).await?;
    let found: Option<Account> = found.and_then(|record| serde_json::from_str(&record.standard).ok());
    found.and_then(|account| account.currency).ok_or_else(|| {
        Error::invalid(vec![Problem {
            item: "From.AccountRef.Id".to_owned(),
            message: format!("No account with a currency has been read with ID {account}."),
        }])
    })
}
