//! Statement lines that others send for bank accounts. They wait to be reconciled and are no part of the double entry.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Everything that arrived by feeds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feeds {
    pub connections: Vec<FeedConnection>,
    pub statements: Vec<FeedStatement>,
}

/// A bank account and who sends its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedConnection {
    pub id: Uuid,
    /// What the sender calls the account.
    pub account_token: String,
    pub account: Uuid,
    pub deleted: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedStatement {
    pub id: Uuid,
    pub connection: Uuid,
    pub start_date: Date,
    pub end_date: Date,
    pub lines: Vec<StatementLine>,
    pub taken_at: Timestamp,
    /// Why none of its lines was delivered.
    pub rejection: Option<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementLine {
    pub date: Date,
    pub description: String,
    pub payee: String,
    pub reference: String,
    pub transaction_id: Option<String>,
    /// Money in is positive.
    pub amount: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
}

impl Feeds {
    /// The connection, unless it was deleted.
    pub fn connection(&self, id: Uuid) -> Option<&FeedConnection> {
        self.connections
            .iter()
            .find(|kept| kept.id == id && !kept.deleted)
    }

    /// Whether such a line was delivered already: one with its transaction id, else one that is equal.
    pub fn has_line(&self, connection: Uuid, line: &StatementLine) -> bool {
        self.delivered(connection)
            .any(|delivered| match &line.transaction_id {
                Some(id) => delivered.transaction_id.as_ref() == Some(id),
                None => delivered == line,
            })
    }

    fn delivered(&self, connection: Uuid) -> impl Iterator<Item = &StatementLine> {
        self.statements
            .iter()
            .filter(move |statement| statement.connection == connection && statement.rejection.is_none())
            .flat_map(|statement| &statement.lines)
    }
}
