use ledgerline_model::DataType::{
    self, AccountTransactions, DirectCosts, DirectIncomes, JournalEntries, Transfers,
};
use ledgerline_platform::push::Posted;

use super::send::Element;

/// What an expense is booked as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Document {
    BankTransaction,
    BankTransfer,
    ManualJournal,
}

impl Document {
    const ALL: [Self; 3] = [Self::BankTransaction, Self::BankTransfer, Self::ManualJournal];

    pub(super) const fn object(self) -> &'static str {
        match self {
            Self::BankTransaction => "BankTransaction",
            Self::BankTransfer => "BankTransfer",
            Self::ManualJournal => "ManualJournal",
        }
    }

    /// Also the name of the list in answers, and of the feed.
    pub(super) const fn endpoint(self) -> &'static str {
        match self {
            Self::BankTransaction => "BankTransactions",
            Self::BankTransfer => "BankTransfers",
            Self::ManualJournal => "ManualJournals",
        }
    }

    pub(super) fn path(self) -> String {
        format!("/{}", self.endpoint())
    }

    /// What it is read as.
    pub(super) const fn data_types(self) -> &'static [DataType] {
        match self {
            Self::BankTransaction => &[DirectCosts, DirectIncomes, AccountTransactions],
            Self::BankTransfer => &[Transfers, AccountTransactions],
            Self::ManualJournal => &[JournalEntries],
        }
    }

    pub(super) fn of_object(object: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.object() == object)
    }

    /// The kind that a request's path is about.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        let endpoint = path.trim_start_matches('/').split('/').next()?;
        Self::ALL
            .into_iter()
            .find(|document| document.endpoint() == endpoint)
    }

    /// A document of this kind in the books.
    pub(super) fn posted(self, element: &Element) -> Option<Posted> {
        let data_type = match (self, element.kind.as_deref()) {
            (Self::BankTransaction, Some("RECEIVE")) => DirectIncomes,
            (Self::BankTransaction, _) => DirectCosts,
            (Self::BankTransfer, _) => Transfers,
            (Self::ManualJournal, _) => JournalEntries,
        };
        let id = element
            .id
            .clone()
            .filter(|id| id.chars().any(|digit| !matches!(digit, '0' | '-')))?;
        Some(Posted {
            object: self.object().to_owned(),
            id,
            version: None,
            data_type: Some(data_type.key().to_owned()),
        })
    }
}
