use ledgerline_engine::push;
use ledgerline_model::push::Expense;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::errors::Error;
use super::super::owned::CompanyOf;
use super::request::{self, Created};
use super::syncs;
use crate::body::Json;

/// 50 transactions of 100 lines, with room for long names.
pub const LARGEST: usize = 16 * 1024 * 1024;

/// What was made of expense transactions: a dataset of `{"items": […]}`, a sync of a bare list.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateExpenseResponse {
    #[serde(skip_serializing_if = "Option::is_none")]
    dataset_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_id: Option<Uuid>,
}

/// Hand over expense transactions, which then wait for a sync.
///
/// 1 to 50 of them, of 1 to 100 lines each. They are judged when they are synced; here only what cannot be read is
/// refused. A bare list is taken as the second version of the API says: it is synced at once.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/data/expense-transactions", tag = "Expenses",
    request_body = CreateExpenseRequest, responses((status = 200, body = CreateExpenseResponse))
)]
pub async fn create_dataset(
    of: CompanyOf,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<axum::Json<CreateExpenseResponse>, Error> {
    create(&of, &body).await
}

/// Hand over a bare list of expense transactions, and sync them at once.
///
/// `{"items": […]}` is taken as the first version of the API says: the transactions wait for a sync.
#[utoipa::path(
    post, path = "/companies/{companyId}/sync/expenses/expense-transactions", tag = "Expenses",
    request_body = CreateExpenseRequest,
    responses(
        (status = 200, body = CreateExpenseResponse),
        (status = 422, description = "A sync is running, or the company is not set up for one.")
    )
)]
pub async fn create_expense_transactions(
    of: CompanyOf,
    Json(body): Json<Box<RawValue>, LARGEST>,
) -> Result<axum::Json<CreateExpenseResponse>, Error> {
    create(&of, &body).await
}

async fn create(of: &CompanyOf, body: &RawValue) -> Result<axum::Json<CreateExpenseResponse>, Error> {
    let made = match request::created(body).map_err(Error::invalid)? {
        Created::Sync(expenses) => CreateExpenseResponse {
            dataset_id: None,
            sync_id: Some(sync(of, &expenses).await?.0),
        },
        Created::Dataset(expenses) => {
            let mut tx = of.engine.store.write().await?;
            let dataset = push::datasets::create(&of.engine, &mut tx, &of.company, 1, &expenses).await?;
            tx.commit().await?;
            CreateExpenseResponse {
                dataset_id: Some(dataset.0),
                sync_id: None,
            }
        }
    };
    Ok(axum::Json(made))
}

/// Keep these and write them at once, or neither.
pub async fn sync(of: &CompanyOf, expenses: &[Expense]) -> Result<ledgerline_model::PushId, Error> {
    let mut tx = of.engine.store.write().await?;
    let dataset = push::datasets::create(&of.engine, &mut tx, &of.company, 2, expenses).await?;
    let push = syncs::start(of, &mut tx, Some(vec![dataset])).await?;
    tx.commit().await?;
    of.engine.work.notify_one();
    Ok(push)
}

/// `{"items": […]}`, or the list alone; see the kinds of transaction below.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct CreateExpenseRequest {
    items: Vec<ExpenseTransaction>,
}

/// One expense. The app's `id` of it is its idempotency key within the company.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its description is used")]
pub struct ExpenseTransaction {
    id: Uuid,
    /// `Payment`, `Refund`, `Reward`, `Chargeback`, `TransferIn`, `TransferOut`, `AdjustmentIn` or `AdjustmentOut`,
    /// whatever the case.
    #[schema(rename = "type")]
    kind: String,
    /// A date, with or without a time and a zone; its day counts as it is written.
    issue_date: String,
    /// Three letters.
    currency: String,
    /// Base currency per unit of `currency`.
    currency_rate: Option<f64>,
    /// The supplier, instead of the company's.
    contact_ref: Option<ObjectRef>,
    /// The account that pays or is paid, instead of the company's.
    bank_account_ref: Option<ObjectRef>,
    merchant_name: Option<String>,
    lines: Vec<ExpenseTransactionLine>,
    /// Stands before the notes.
    reference: Option<String>,
    notes: Option<String>,
    post_as_draft: Option<bool>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its description is used")]
pub struct ExpenseTransactionLine {
    /// 0 to 5,000,000.
    net_amount: f64,
    /// 0 to 5,000,000; may be absent in a bare list.
    tax_amount: Option<f64>,
    tax_rate_ref: Option<ObjectRef>,
    /// May be absent in a bare list.
    account_ref: Option<ObjectRef>,
    /// At most 10; `dataType` is `trackingCategories` (also where it is absent) or `customers`.
    tracking_refs: Option<Vec<ObjectRef>>,
    invoice_to: Option<ObjectRef>,
}

/// An object of the books, by the platform's id.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its description is used")]
pub struct ObjectRef {
    id: String,
}
