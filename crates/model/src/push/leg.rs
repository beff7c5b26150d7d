use serde::{Deserialize, Serialize};

/// Where one expense has to arrive. Each leg is written, and may fail, by itself; the feed's goes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Leg {
    /// A line of the statement that the platform's bank feed shows.
    BankFeed,
    /// The document in the books.
    Expense,
}

impl Leg {
    pub const ALL: [Self; 2] = [Self::BankFeed, Self::Expense];

    pub const fn key(self) -> &'static str {
        match self {
            Self::BankFeed => "bankfeeds",
            Self::Expense => "expense",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|leg| leg.key() == key)
    }
}

/// How far a leg of an item has got. Only the engine's state machine moves it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LegState {
    /// Nothing was ever sent.
    Accepted,
    /// It never left: what was asked for cannot be booked.
    Invalid,
    /// Key and request are stored: from here on it may have been sent.
    Intent,
    /// The platform took it and has not booked it yet: polled, never sent again.
    Pending,
    /// In the books.
    Posted,
    /// Definitely not in the books, and the platform said why.
    Rejected,
    /// The answer is missing: held, then searched for.
    Unknown,
    /// Nothing that we can ask the platform tells whether it is in the books; somebody has to look.
    NeedsReview,
}

impl LegState {
    pub const ALL: [Self; 8] = [
        Self::Accepted,
        Self::Invalid,
        Self::Intent,
        Self::Pending,
        Self::Posted,
        Self::Rejected,
        Self::Unknown,
        Self::NeedsReview,
    ];

    pub const fn key(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Invalid => "invalid",
            Self::Intent => "intent",
            Self::Pending => "pending",
            Self::Posted => "posted",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::NeedsReview => "needs_review",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }

    /// Whether it may be in the books, and is being found out.
    pub const fn is_in_doubt(self) -> bool {
        match self {
            Self::Intent | Self::Pending | Self::Unknown => true,
            Self::Accepted | Self::Invalid | Self::Posted | Self::Rejected | Self::NeedsReview => false,
        }
    }

    /// Whether a push is done with it.
    pub const fn is_settled(self) -> bool {
        match self {
            Self::Invalid | Self::Posted | Self::Rejected | Self::NeedsReview => true,
            Self::Accepted | Self::Intent | Self::Pending | Self::Unknown => false,
        }
    }
}
