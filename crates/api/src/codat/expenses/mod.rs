//! Sync for Expenses: transactions into the customer's books, under `/companies/{companyId}/sync/expenses`.

/// What apps send: expense transactions and their kin.
mod request;

/// In whose words an app wants to be answered.
mod compat;

/// What platforms say, in the dialect's frame.
mod downstream;
/// How a sync is told of.
mod event;

/// Files on posted expenses.
mod attachments;
/// The company's defaults.
mod config;
/// Expenses that are handed over.
mod datasets;
/// What expenses can be booked on.
mod mapping_options;
/// Transfers, adjustments and reimbursements of the second version.
mod other_transactions;
/// That the app hands over expenses for a company.
pub mod partner;
/// What a sync would do.
mod plan;
/// What became of each transaction of a sync.
mod rows;
/// How syncs stand.
mod status;
/// Writing datasets into the books.
mod syncs;
/// Changing what is in the books.
mod updates;

pub use event::ExpensesSync;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Api;

/// The routes, with their descriptions.
pub fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(partner::create_partner_expense_connection))
        .routes(routes!(config::get_configuration, config::set_configuration))
        .routes(routes!(mapping_options::get_mapping_options))
        .routes(routes!(datasets::create_dataset))
        .routes(routes!(datasets::create_expense_transactions))
        .routes(routes!(updates::update_expense_transaction))
        .routes(routes!(other_transactions::put_transfer_transaction))
        .routes(routes!(other_transactions::create_adjustment_transactions))
        .routes(routes!(
            other_transactions::create_reimbursable_expense_transactions
        ))
        .routes(routes!(
            other_transactions::update_reimbursable_expense_transaction
        ))
        .routes(routes!(plan::plan_sync))
        .routes(routes!(syncs::initiate_sync))
        .routes(routes!(status::list_sync_statuses))
        .routes(routes!(status::get_latest_sync_status))
        .routes(routes!(status::get_last_successful_sync_status))
        .routes(routes!(status::get_sync_status))
        .routes(routes!(rows::list_sync_transactions))
        .routes(routes!(rows::get_sync_transaction))
        .routes(routes!(attachments::upload_attachment))
}
