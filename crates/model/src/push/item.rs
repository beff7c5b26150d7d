use super::{Key, Leg, LegState};
use crate::Timestamp;

/// One leg of one item: how far it got, and all that is needed to go on after a crash.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ItemLeg {
    /// The app's id of the expense.
    pub transaction: String,
    pub leg: Leg,
    pub state: LegState,
    pub operation: Operation,
    /// Moves with each send after a definite rejection and with each update, never while the outcome is unknown.
    pub revision: i64,
    /// Of the request that was sent last, or may have been.
    pub key: Option<Key>,
    /// Of the job that committed the intent: only that one may send.
    pub fence: Option<i64>,
    /// Whose books it was sent to; `None` before the first intent.
    pub books: Option<BooksOf>,
    /// The request as it was sent, as JSON of the platform's.
    pub prepared: Option<String>,
    /// The document in the books, as JSON of the platform's.
    pub posted: Option<String>,
    /// By what the platform is asked for its decision.
    pub pending: Option<String>,
    /// Nothing is asked about it before.
    pub hold_until: Option<Timestamp>,
    /// Searches that found nothing since it was last sent.
    pub searches: i64,
    /// How often it was sent with this key.
    pub sends: i64,
    /// Why it is as it is, for people.
    pub message: Option<String>,
    /// The document is among the records, or cannot be.
    pub is_read_back: bool,
}

/// Books at a platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BooksOf {
    pub platform: String,
    /// The platform's id of the organisation.
    pub organisation: String,
}

/// What is done to the books.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operation {
    Create,
    /// The document that was posted is given other content.
    Update,
}

impl Operation {
    pub const fn key(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Create, Self::Update]
            .into_iter()
            .find(|operation| operation.key() == key)
    }
}

impl ItemLeg {
    /// A leg of an item that was just accepted.
    pub fn new(transaction: &str, leg: Leg) -> Self {
        Self {
            transaction: transaction.to_owned(),
            leg,
            state: LegState::Accepted,
            operation: Operation::Create,
            revision: 0,
            key: None,
            fence: None,
            books: None,
            prepared: None,
            posted: None,
            pending: None,
            hold_until: None,
            searches: 0,
            sends: 0,
            message: None,
            is_read_back: false,
        }
    }
}
