use serde::{Deserialize, Serialize};

/// The beginning of a platform's answer that could not be read, for the operator. It holds no secrets, and is sealed
/// where it is kept: it may hold what is in the customer's books.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadAnswer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: String,
    /// Bytes of the whole body.
    pub length: u64,
}
