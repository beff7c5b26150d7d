use axum::extract::Path;
use ledgerline_engine::push::transactions;
use ledgerline_model::PushId;
use ledgerline_model::push::{Row, RowStatus};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::super::paging::{List, Page};
use super::compat::Compat;
use super::{downstream, status};

/// What became of one transaction at one of the places where it has to arrive.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TransactionMetadata {
    transaction_id: String,
    /// `Unknown`, `Pending`, `ValidationError`, `Completed` or `PushError`.
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// `bankfeeds` for the line of the bank feed; `expense` for the document, or `expenses` where the app's setting
    /// `compat.integrationType` says so.
    integration_type: &'static str,
}

/// List what became of the transactions of a sync: the line of the bank feed, where there is one, and the document.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/{syncId}/transactions", tag = "Expenses",
    params(
        ("page" = Option<u32>, Query, description = "From 1."),
        ("pageSize" = Option<u32>, Query, description = "How many in a page: 1 to 5000, else 100."),
    ),
    responses((status = 200, body = Page<TransactionMetadata>))
)]
pub async fn list_sync_transactions(
    of: CompanyOf,
    Path(path): Path<(String, String)>,
    list: List,
) -> Result<axum::Json<Page<TransactionMetadata>>, Error> {
    let (_, asked) = path;
    let mut tx = of.engine.store.read().await?;
    let push = status::find(&mut tx, &of.company, &asked).await?.id;
    let (page, size) = (i64::from(list.page), i64::from(list.page_size));
    let found = transactions::page(&mut tx, &of.company, push, page, size).await?;
    let found = found.ok_or_else(|| Error::no_such_expense("sync", &asked))?;
    let compat = Compat::of(&mut tx, of.app).await?;
    let rows = found.rows.into_iter().map(|row| view(push, row, compat));
    let total = u64::try_from(found.total).unwrap_or_default();
    // The documents' links leave out the middle of the path.
    let path = format!("/companies/{}/syncs/{push}/transactions", of.company.id);
    Ok(axum::Json(list.at(path).page(rows.collect(), total)))
}

/// Get what became of one transaction of a sync.
#[utoipa::path(
    get, path = "/companies/{companyId}/sync/expenses/syncs/{syncId}/transactions/{transactionId}",
    tag = "Expenses", responses((status = 200, body = Vec<TransactionMetadata>))
)]
pub async fn get_sync_transaction(
    of: CompanyOf,
    Path(path): Path<(String, String, String)>,
) -> Result<axum::Json<Vec<TransactionMetadata>>, Error> {
    let (_, asked, transaction) = path;
    let mut tx = of.engine.store.read().await?;
    let push = status::find(&mut tx, &of.company, &asked).await?.id;
    let rows = transactions::one(&mut tx, &of.company, push, &spelled(&transaction)).await?;
    if rows.is_empty() {
        return Err(Error::no_such_expense("transaction", &transaction));
    }
    let compat = Compat::of(&mut tx, of.app).await?;
    let rows = rows.into_iter().map(|row| view(push, row, compat));
    Ok(axum::Json(rows.collect()))
}

/// The id of a transaction in the spelling under which it is remembered.
pub fn spelled(transaction: &str) -> String {
    Uuid::try_parse(transaction).map_or_else(|_| transaction.to_owned(), |id| id.to_string())
}

/// The dialect's word for a row's status.
pub const fn word(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Unknown => "Unknown",
        RowStatus::Pending => "Pending",
        RowStatus::Invalid => "ValidationError",
        RowStatus::Completed => "Completed",
        RowStatus::Failed => "PushError",
    }
}

fn view(push: PushId, row: Row, compat: Compat) -> TransactionMetadata {
    TransactionMetadata {
        message: downstream::of_row(push, &row),
        status: word(row.status),
        integration_type: compat.integration_type(row.leg),
        transaction_id: row.transaction,
    }
}
