//! Files that are kept with documents.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Meta;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    pub meta: Meta,
    pub file_name: String,
    pub content_type: String,
    /// In bytes; nothing for a note without a file.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal digits; empty for a note without a file.
    pub sha256: String,
    pub note: String,
    /// The documents that it belongs to.
    pub attached_to: Vec<Uuid>,
}
