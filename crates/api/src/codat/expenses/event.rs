use ledgerline_model::PushId;
use ledgerline_model::event::{PushSnapshot, PushedSnapshot};
use ledgerline_model::push::RowStatus;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::views::CompanyReference;
use super::downstream;

/// Payload of `expenses.sync.started`, `….successful` and `….unsuccessful`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExpensesSync {
    reference_company: CompanyReference,
    sync_id: Uuid,
    /// None while the sync runs.
    transactions: Vec<SyncedTransaction>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SyncedTransaction {
    id: String,
    /// `Unknown`, `PushError`, `Completed`, `Failed` or `Pending`.
    status: &'static str,
    error_message: Option<String>,
}

impl ExpensesSync {
    pub fn new(reference_company: CompanyReference, push: &PushSnapshot) -> Self {
        // The legs of a transaction stand side by side.
        let each = push
            .transactions
            .chunk_by(|one, other| one.transaction == other.transaction);
        Self {
            reference_company,
            sync_id: push.id,
            transactions: each.filter_map(|legs| transaction(push.id, legs)).collect(),
        }
    }
}

/// A transaction is as its worst leg.
fn transaction(push: Uuid, legs: &[PushedSnapshot]) -> Option<SyncedTransaction> {
    let rank = |leg: &&PushedSnapshot| RowStatus::from_key(&leg.status).map_or(0, rank);
    let worst = legs.iter().rev().max_by_key(rank)?;
    let status = RowStatus::from_key(&worst.status).unwrap_or(RowStatus::Unknown);
    Some(SyncedTransaction {
        id: worst.transaction.clone(),
        status: word(status),
        error_message: match status {
            RowStatus::Completed => None,
            RowStatus::Unknown | RowStatus::Pending | RowStatus::Invalid | RowStatus::Failed => {
                let message = worst.message.as_deref();
                message.map(|message| downstream::of(PushId(push), &worst.transaction, status, message))
            }
        },
    })
}

const fn rank(status: RowStatus) -> u8 {
    match status {
        RowStatus::Completed => 0,
        RowStatus::Pending => 1,
        RowStatus::Unknown => 2,
        RowStatus::Invalid => 3,
        RowStatus::Failed => 4,
    }
}

/// This payload has no word for what was not sent; `PushError` is what the platform refused.
const fn word(status: RowStatus) -> &'static str {
    match status {
        RowStatus::Unknown => "Unknown",
        RowStatus::Pending => "Pending",
        RowStatus::Invalid => "Failed",
        RowStatus::Completed => "Completed",
        RowStatus::Failed => "PushError",
    }
}
