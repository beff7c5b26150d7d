use ledgerline_model::DataType::{
    self, AccountTransactions, Bills, DirectCosts, DirectIncomes, JournalEntries, Transfers,
};
use ledgerline_platform::push::Posted;

/// What an expense is booked as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Document {
    Purchase,
    Deposit,
    Transfer,
    JournalEntry,
    Bill,
}

impl Document {
    pub(super) const ALL: [Self; 5] = [
        Self::Purchase,
        Self::Deposit,
        Self::Transfer,
        Self::JournalEntry,
        Self::Bill,
    ];

    /// Name of the entity, in answers and in queries, and of the feed.
    pub(super) const fn entity(self) -> &'static str {
        match self {
            Self::Purchase => "Purchase",
            Self::Deposit => "Deposit",
            Self::Transfer => "Transfer",
            Self::JournalEntry => "JournalEntry",
            Self::Bill => "Bill",
        }
    }

    pub(super) fn path(self) -> String {
        format!("/{}", self.entity().to_ascii_lowercase())
    }

    /// Whether it has a `DocNumber` that can be asked for.
    pub(super) const fn is_numbered(self) -> bool {
        match self {
            Self::Purchase | Self::JournalEntry | Self::Bill => true,
            Self::Deposit | Self::Transfer => false,
        }
    }

    /// What it is read as; the first is the document itself.
    pub(super) const fn data_types(self) -> &'static [DataType] {
        match self {
            Self::Purchase => &[DirectCosts, AccountTransactions],
            Self::Deposit => &[DirectIncomes, AccountTransactions],
            Self::Transfer => &[Transfers, AccountTransactions],
            Self::JournalEntry => &[JournalEntries],
            Self::Bill => &[Bills],
        }
    }

    pub(super) fn of_object(object: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.entity() == object)
    }

    /// The kind that a request's path is about.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.path() == path)
    }

    /// A transaction of this kind in the books.
    pub(super) fn posted(self, id: String, version: Option<String>) -> Posted {
        let data_type = self.data_types().first();
        Posted {
            object: self.entity().to_owned(),
            id,
            version,
            data_type: data_type.map(|data_type| data_type.key().to_owned()),
        }
    }
}
