use sha2::{Digest, Sha256};

use super::{Expense, Operation};
use crate::{AppId, CompanyId, DatasetId, PushId, Timestamp};

/// A list of expenses as the app handed it over; never changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Dataset {
    pub app: AppId,
    pub id: DatasetId,
    pub company: CompanyId,
    /// Of the app's words: 1, or 2 with reimbursements and the like.
    pub version: i64,
    pub operation: Operation,
    pub created_at: Timestamp,
    /// The last push that took it; `None`: it is pending.
    pub push: Option<PushId>,
}

/// What was said of one expense: its JSON, and by what two of them are known to be the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    pub transaction: String,
    /// In hex.
    pub hash: String,
    pub json: String,
}

impl Content {
    pub fn of(expense: &Expense) -> serde_json::Result<Self> {
        let json = serde_json::to_string(expense)?;
        Ok(Self {
            transaction: expense.id.clone(),
            hash: hex(&Sha256::digest(&json)),
            json,
        })
    }

    pub fn expense(&self) -> serde_json::Result<Expense> {
        serde_json::from_str(&self.json)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
