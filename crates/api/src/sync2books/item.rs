use ledgerline_engine::push::batches::{BatchItem, ItemStatus, Progress};
use ledgerline_model::event::ItemSnapshot;
use ledgerline_model::push::Cause;
use ledgerline_model::{DatasetId, Instant, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::expense::IntegrationResponse;
use super::failure;

/// One expense of a batch.
#[derive(Serialize, ToSchema)]
#[schema(as = BatchItem)]
#[serde(rename_all = "camelCase")]
pub struct ItemView {
    id: Uuid,
    /// Your own id of the expense.
    entity_id: String,
    /// `Expense`.
    entity_type: &'static str,
    /// `pending`, `processing`, `success`, `failed`, or `skipped`: an earlier batch had written it.
    status: &'static str,
    integration_response: Option<IntegrationResponse>,
    sync_error_message: Option<String>,
    #[schema(value_type = String)]
    created_at: Instant,
    #[schema(value_type = String)]
    updated_at: Instant,
}

impl ItemView {
    pub fn new(progress: &Progress, item: BatchItem) -> Self {
        Self {
            id: id_of(progress.batch.id, &item.content.transaction),
            entity_id: item.content.transaction,
            entity_type: "Expense",
            status: word(item.status),
            integration_response: item.posted.map(Into::into),
            sync_error_message: failure::message(item.cause, item.message),
            created_at: Instant(progress.batch.created_at),
            updated_at: Instant(progress.updated_at),
        }
    }

    /// As it was told of, then.
    pub fn of_snapshot(told: &ItemSnapshot, at: Timestamp) -> Self {
        let cause = told.cause.as_deref().and_then(Cause::from_key);
        let status = match (cause, told.is_written) {
            (Some(_), _) => ItemStatus::Failed,
            (None, true) => ItemStatus::Success,
            (None, false) => ItemStatus::Skipped,
        };
        Self {
            id: id_of(DatasetId(told.batch), &told.transaction),
            entity_id: told.transaction.clone(),
            entity_type: "Expense",
            status: word(status),
            integration_response: told.document.clone().map(Into::into),
            sync_error_message: failure::message(cause, told.message.clone()),
            created_at: Instant(told.created_at),
            updated_at: Instant(at),
        }
    }
}

const fn word(status: ItemStatus) -> &'static str {
    match status {
        ItemStatus::Pending => "pending",
        ItemStatus::Processing => "processing",
        ItemStatus::Success => "success",
        ItemStatus::Failed => "failed",
        ItemStatus::Skipped => "skipped",
    }
}

/// Whether an expense of a batch is meant by this: its own id, or that of its item.
pub fn is_named(batch: DatasetId, transaction: &str, id: &str) -> bool {
    transaction == id || id_of(batch, transaction).to_string() == id
}

/// The same at every read, and another in each batch.
fn id_of(batch: DatasetId, transaction: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(batch.0.as_bytes());
    hash.update(transaction.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
