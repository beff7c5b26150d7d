use ledgerline_model::event::{Body, Event};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::attachments::Attachment;
use super::super::batches::BatchView;
use super::super::item::ItemView;
use super::CompanyReference;
use crate::envelope;

pub const BATCH_STARTED: &str = "sync.batch.started";
pub const BATCH_COMPLETED: &str = "sync.batch.completed";
pub const BATCH_FAILED: &str = "sync.batch.failed";
pub const SYNCED: &str = "expense.synced";
pub const FAILED: &str = "expense.failed";
pub const UPLOADED: &str = "attachment.uploaded";

/// The event's type; `None`: it is about something else.
pub fn name(body: &Body) -> Option<&'static str> {
    match body {
        Body::BatchStarted { .. } => Some(BATCH_STARTED),
        Body::BatchCompleted { .. } => Some(BATCH_COMPLETED),
        Body::BatchFailed { .. } => Some(BATCH_FAILED),
        Body::ExpenseSynced { .. } => Some(SYNCED),
        Body::ExpenseFailed { .. } => Some(FAILED),
        // One on an expense that no batch holds has no place in this dialect.
        Body::AttachmentUploaded { attachment, .. } => attachment.batch.map(|_| UPLOADED),
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::ConnectionCreated { .. }
        | Body::ConnectionConnected { .. }
        | Body::ConnectionReconnected { .. }
        | Body::ConnectionDisconnected { .. }
        | Body::ConnectionFailed { .. }
        | Body::ConnectionDeleted { .. }
        | Body::RunCompleted { .. }
        | Body::PushStarted { .. }
        | Body::PushSucceeded { .. }
        | Body::PushFailed { .. } => None,
    }
}

pub fn body(event: &Event) -> Option<String> {
    let name = name(&event.body)?;
    match &event.body {
        Body::BatchStarted { company, batch }
        | Body::BatchCompleted { company, batch }
        | Body::BatchFailed { company, batch } => {
            let batch = BatchView::of_snapshot(batch, company.id);
            let company = company.into();
            envelope::write(event, name, BatchEvent { company, batch })
        }
        Body::ExpenseSynced { company, item } | Body::ExpenseFailed { company, item } => {
            let data = ExpenseEvent {
                company: company.into(),
                connection_id: item.connection,
                sync_batch_id: item.batch,
                item: ItemView::of_snapshot(item, event.at),
            };
            envelope::write(event, name, data)
        }
        Body::AttachmentUploaded { company, attachment } => {
            let attachment = Attachment::of_snapshot(attachment)?;
            let company = company.into();
            envelope::write(event, name, AttachmentEvent { company, attachment })
        }
        Body::CompanyCreated { .. }
        | Body::CompanyDeleted { .. }
        | Body::ConnectionCreated { .. }
        | Body::ConnectionConnected { .. }
        | Body::ConnectionReconnected { .. }
        | Body::ConnectionDisconnected { .. }
        | Body::ConnectionFailed { .. }
        | Body::ConnectionDeleted { .. }
        | Body::RunCompleted { .. }
        | Body::PushStarted { .. }
        | Body::PushSucceeded { .. }
        | Body::PushFailed { .. } => None,
    }
}

/// `data` of the `sync.batch.…` events.
#[derive(Serialize, ToSchema)]
pub struct BatchEvent {
    company: CompanyReference,
    batch: BatchView,
}

/// `data` of the `expense.…` events.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExpenseEvent {
    company: CompanyReference,
    connection_id: Uuid,
    sync_batch_id: Uuid,
    item: ItemView,
}

/// `data` of `attachment.uploaded`.
#[derive(Serialize, ToSchema)]
pub struct AttachmentEvent {
    company: CompanyReference,
    attachment: Attachment,
}
