//! Files that belong to documents.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A file; of its content only the size is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub id: Uuid,
    pub document: Uuid,
    pub file_name: String,
    pub content_type: String,
    pub bytes: u64,
}
