use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// Expenses that were handed over together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BatchSnapshot {
    pub id: Uuid,
    pub connection: Uuid,
    pub items: i64,
    /// In the books.
    pub succeeded: i64,
    pub failed: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// Absent while it is written.
    pub ended_at: Option<Timestamp>,
}

/// One expense of a batch, once it is decided what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ItemSnapshot {
    pub batch: Uuid,
    pub connection: Uuid,
    pub transaction: String,
    /// By this batch.
    pub is_written: bool,
    /// Where it is in the books.
    pub document: Option<DocumentSnapshot>,
    /// Key of [`crate::push::Cause`]; absent where it is in the books.
    pub cause: Option<String>,
    pub message: Option<String>,
    /// When it was handed over.
    pub created_at: Timestamp,
}

/// What is in the books.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DocumentSnapshot {
    /// The platform's.
    pub id: String,
    /// The platform's version of it, where it has one.
    pub version: Option<String>,
}

/// A file that the platform has said to have.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AttachmentSnapshot {
    pub id: Uuid,
    /// The batch of the expense that it is on; absent where it was written otherwise.
    pub batch: Option<Uuid>,
    pub connection: Uuid,
    pub transaction: String,
    pub document: DocumentSnapshot,
    /// As the app called it.
    pub file_name: String,
    pub content_type: String,
    /// In bytes.
    pub size: u64,
    pub note: Option<String>,
    pub include_on_send: bool,
    pub created_at: Timestamp,
}
