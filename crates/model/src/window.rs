use serde::{Deserialize, Serialize};

use crate::{Date, Timestamp};

/// Which part of a data type's history is read; what is `None` sets no limit.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Window {
    /// Only records that the platform says were modified at or after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified_from: Option<Timestamp>,
    /// Only documents dated on or after this day, and older ones that are still open. Reference types (accounts,
    /// contacts, items, rates, categories) have no date and are read whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documents_from: Option<Date>,
    /// Beside `documents_from`: older documents, too, that were modified at or after this instant, so that a late
    /// correction is not missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_from: Option<Timestamp>,
    /// Of statements: so many calendar months, the running one included; with `until`, back from its month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement_months: Option<u32>,
    /// Of documents and statements nothing later than this day, but for what `changed_from` adds; then older
    /// documents that are still open are not added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// These are the last months of a history that was read before: what is older stays as it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trailing: bool,
}

impl Window {
    /// Everything that the platform has.
    pub const ALL: Self = Self {
        modified_from: None,
        documents_from: None,
        changed_from: None,
        statement_months: None,
        until: None,
        trailing: false,
    };

    /// Whether a read of it stands for all that the setting asks for, and not for certain days or the last months.
    pub const fn is_whole(&self) -> bool {
        self.until.is_none() && !self.trailing
    }

    /// Whether whoever has read this window to its end has seen all that `other` asks for.
    pub fn covers(&self, other: &Self) -> bool {
        reaches(self.modified_from, other.modified_from)
            && reaches(self.documents_from, other.documents_from)
            && match (self.statement_months, other.statement_months) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(own), Some(other)) => own >= other,
            }
            // Months are counted from there: one that ends is compared with none.
            && (self.until.is_none() || self == other)
    }

    /// The newest month of statements that is read, by its first day, and how many back from there, itself included.
    pub fn months(&self, count: u32, today: Date) -> (Date, u32) {
        let running = today.first_of_month();
        let newest = self
            .until
            .map_or(running, |until| until.first_of_month().min(running));
        (newest, count.max(1))
    }
}

/// Whether a limit lies at or before another; no limit lies before all.
fn reaches<T: Ord>(own: Option<T>, other: Option<T>) -> bool {
    match (own, other) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(own), Some(other)) => own <= other,
    }
}

/// A stretch of days; both ends belong to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Days {
    pub from: Date,
    /// Not before `from`.
    pub to: Date,
}

impl From<Days> for DataPeriod {
    fn from(days: Days) -> Self {
        Self {
            start: Some(days.from),
            end: days.to,
        }
    }
}

/// The days that a Run is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DataPeriod {
    /// `None`: as far back as the platform goes.
    pub start: Option<Date>,
    /// The last day of the last closed month, unless certain days were asked for.
    pub end: Date,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(documents_from: Option<&str>, statement_months: Option<u32>) -> Window {
        Window {
            documents_from: documents_from.map(|date| date.parse().unwrap()),
            statement_months,
            ..Window::ALL
        }
    }

    #[test]
    fn a_window_covers_what_begins_no_earlier() {
        let early = from(Some("2024-01-01"), Some(24));
        let late = from(Some("2024-02-01"), Some(12));
        assert!(Window::ALL.covers(&early));
        assert!(!early.covers(&Window::ALL));
        assert!(early.covers(&late));
        assert!(early.covers(&early));
        assert!(!late.covers(&early));
        assert!(!from(None, Some(12)).covers(&from(None, Some(13))));
    }
}
