//! What is known of the organisation itself.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Address, Direction, Phone};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub id: Uuid,
    /// Whose habits the books keep.
    #[serde(default)]
    pub platform: Platform,
    pub name: String,
    pub legal_name: String,
    /// Three letters, ISO 4217.
    pub base_currency: String,
    /// Two letters, ISO 3166.
    pub country_code: String,
    /// Other currencies that it trades in.
    pub foreign_currencies: Vec<String>,
    pub line_of_business: String,
    pub tax_number: String,
    pub registration_number: String,
    /// The last day of the financial year.
    pub year_end_month: i8,
    pub year_end_day: i8,
    /// IANA name of the zone its people work in.
    pub time_zone: String,
    /// Documents up to this date cannot be changed.
    pub period_lock_date: Option<Date>,
    pub year_end_lock_date: Option<Date>,
    /// What the platform puts into links to it.
    pub short_code: String,
    pub website: String,
    pub addresses: Vec<Address>,
    pub phones: Vec<Phone>,
    pub created_at: Timestamp,
}

/// The platform that the books are kept on: it decides what a document can be, and by which ids the API knows records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// Drafts, discounts per line, contacts of both kinds; ids are UUIDs.
    #[default]
    Xero,
    /// No drafts, every document can be deleted, lists only grow; ids are numbers.
    QuickBooksOnline,
}

impl Platform {
    /// Whether documents that are in the books can be deleted.
    pub fn deletes_posted(self) -> bool {
        match self {
            Self::Xero => false,
            Self::QuickBooksOnline => true,
        }
    }

    /// Whether documents of this direction can be voided.
    pub fn voids(self, direction: Direction) -> bool {
        match self {
            Self::Xero => true,
            Self::QuickBooksOnline => direction == Direction::Receivable,
        }
    }

    pub fn voids_journals(self) -> bool {
        match self {
            Self::Xero => true,
            Self::QuickBooksOnline => false,
        }
    }

    /// The platform of a face by the first part of its path.
    pub fn of(face: &str) -> Option<Self> {
        match face {
            "xero" => Some(Self::Xero),
            "quickbooks_online" => Some(Self::QuickBooksOnline),
            _ => None,
        }
    }
}

impl Facts {
    /// The number that QuickBooks Online knows the organisation by: 16 digits.
    pub fn realm_id(&self) -> String {
        const FIRST: u128 = 9_130_000_000_000_000;
        const COUNT: u128 = 800_000_000_000_000;
        (FIRST + self.id.as_u128() % COUNT).to_string()
    }

    /// The first day of the financial year that `date` is in.
    pub fn year_start(&self, date: Date) -> Date {
        let end_in = |year: i16| {
            let first = Date::new(year, self.year_end_month, 1).unwrap_or(Date::constant(year, 12, 1));
            let day = self.year_end_day.clamp(1, first.days_in_month());
            first.with().day(day).build().unwrap_or(first)
        };
        let end = if end_in(date.year()) < date {
            end_in(date.year())
        } else {
            end_in(date.year() - 1)
        };
        end.tomorrow().unwrap_or(end)
    }
}
