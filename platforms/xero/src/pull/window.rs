//! What of the history is read: conditions for `where`
//! (<https://developer.xero.com/documentation/api/accounting/requests-and-responses>).

use jiff::tz::TimeZone;
use ledgerline_model::{Date, Timestamp, Window};
use ledgerline_platform::Read;
use serde::Deserialize;

use super::dates;
use super::feeds::{Endpoint, Paging};
use super::text::Str;

/// The condition that leaves out what lies outside the window, for endpoints that take one.
///
/// Of what changed since the last read nothing is left out by its date: an older document that was open then may be
/// paid by now.
pub(super) fn condition(endpoint: &Endpoint, read: &Read<'_>) -> Option<String> {
    within(endpoint, read.window, read.since.is_some())
}

fn within(endpoint: &Endpoint, window: &Window, is_of_changes: bool) -> Option<String> {
    let asked = match documents(endpoint.key)? {
        Documents::Asked { open, changed } => (open, changed),
        Documents::Sorted => return None,
    };
    let (open, changed) = asked;
    let mut conditions = Vec::new();
    if let Some(from) = window.documents_from.filter(|_| !is_of_changes) {
        let mut any = match window.until {
            Some(until) => vec![format!("(Date>={} AND Date<={})", day(from), day(until))],
            None => vec![format!("Date>={}", day(from))],
        };
        if window.until.is_none() {
            any.extend(open.iter().map(|status| format!("Status==\"{status}\"")));
        }
        any.extend(
            window
                .changed_from
                .map(|from| format!("{changed}>={}", instant(from))),
        );
        conditions.push(format!("({})", any.join(" OR ")));
    }
    if let Some(from) = window.modified_from
        && endpoint.paging == Paging::Pages
    {
        conditions.push(format!("UpdatedDateUTC>={}", instant(from)));
    }
    (!conditions.is_empty()).then(|| conditions.join(" AND "))
}

/// Whether an object of an endpoint that takes no condition lies in the window.
pub(super) fn holds(endpoint: &Endpoint, read: &Read<'_>, object: &str) -> bool {
    read.since.is_some() || has(endpoint, read.window, object)
}

fn has(endpoint: &Endpoint, window: &Window, object: &str) -> bool {
    let (Some(from), Some(Documents::Sorted)) = (window.documents_from, documents(endpoint.key)) else {
        return true;
    };
    // What cannot be read is for the mapping to say.
    let Ok(head) = serde_json::from_str::<Head<'_>>(object) else {
        return true;
    };
    let date = dates::date(head.date_string.as_ref(), head.date.as_ref(), "Date");
    let is_within = date.ok().flatten().is_none_or(|date| {
        let date = date.0.date();
        date >= from && window.until.is_none_or(|until| date <= until)
    });
    let is_open = window.until.is_none() && head.status.is_some_and(|status| OPEN.contains(&status.as_str()));
    let has_changed = window.changed_from.is_some_and(|from| {
        let modified = dates::instant(head.updated.as_ref(), "UpdatedDateUTC");
        modified.ok().flatten().is_none_or(|at| at >= from)
    });
    is_within || is_open || has_changed
}

/// How the documents of an endpoint are told apart by their dates.
enum Documents {
    /// By Xero: these states are open, and this member says when one was last changed.
    Asked {
        open: &'static [&'static str],
        changed: &'static str,
    },
    /// Here: the endpoint knows no `where`, and its own date parameter would leave out what is open.
    Sorted,
}

/// Until they are paid or withdrawn.
const OPEN: &[&str] = &["DRAFT", "SUBMITTED", "AUTHORISED"];

/// `None`: what the endpoint lists has no date.
fn documents(endpoint: &str) -> Option<Documents> {
    let asked = |open| Documents::Asked {
        open,
        changed: "UpdatedDateUTC",
    };
    match endpoint {
        "Invoices" | "CreditNotes" => Some(asked(OPEN)),
        "Prepayments" | "Overpayments" => Some(asked(&["AUTHORISED"])),
        "Payments" | "BankTransactions" | "ManualJournals" => Some(asked(&[])),
        // A transfer is made or deleted, never changed.
        "BankTransfers" => Some(Documents::Asked {
            open: &[],
            changed: "CreatedDateUTC",
        }),
        "PurchaseOrders" => Some(Documents::Sorted),
        _ => None,
    }
}

#[derive(Deserialize)]
struct Head<'a> {
    #[serde(rename = "DateString", borrow)]
    date_string: Option<Str<'a>>,
    #[serde(rename = "Date", borrow)]
    date: Option<Str<'a>>,
    #[serde(rename = "Status", borrow)]
    status: Option<Str<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated: Option<Str<'a>>,
}

fn day(date: Date) -> String {
    format!("DateTime({}, {}, {})", date.year(), date.month(), date.day())
}

/// Whole seconds: earlier rather than later.
fn instant(at: Timestamp) -> String {
    let at = at.to_zoned(TimeZone::UTC);
    format!(
        "DateTime({}, {}, {}, {}, {}, {})",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::super::feeds::find;
    use super::*;

    fn window() -> Window {
        Window {
            documents_from: Some("2023-11-01".parse().unwrap()),
            ..Window::ALL
        }
    }

    fn of(feed: &str, window: &Window) -> Option<String> {
        within(find(feed).unwrap(), window, false)
    }

    #[test]
    fn documents_are_asked_for_by_date_and_older_ones_while_they_are_open() {
        assert_eq!(
            of("Invoices", &window()).unwrap(),
            "(Date>=DateTime(2023, 11, 1) OR Status==\"DRAFT\" OR Status==\"SUBMITTED\" OR Status==\"AUTHORISED\")"
        );
        assert_eq!(
            of("Payments", &window()).unwrap(),
            "(Date>=DateTime(2023, 11, 1))"
        );
        for feed in ["Contacts", "Items", "Accounts", "Organisations", "TaxRates"] {
            assert_eq!(of(feed, &window()), None, "{feed}");
        }
        assert_eq!(of("Invoices", &Window::ALL), None);
        assert_eq!(within(find("Invoices").unwrap(), &window(), true), None);
    }

    #[test]
    fn late_corrections_are_asked_for_too() {
        let window = Window {
            changed_from: Some("2026-11-20T23:05:00Z".parse().unwrap()),
            ..window()
        };
        assert_eq!(
            of("BankTransactions", &window).unwrap(),
            "(Date>=DateTime(2023, 11, 1) OR UpdatedDateUTC>=DateTime(2026, 11, 20, 23, 5, 0))"
        );
    }

    #[test]
    fn certain_days_are_asked_for_without_what_is_open() {
        let days = Window {
            until: Some("2023-12-31".parse().unwrap()),
            changed_from: Some("2026-11-20T23:05:00Z".parse().unwrap()),
            ..window()
        };
        assert_eq!(
            of("Invoices", &days).unwrap(),
            "((Date>=DateTime(2023, 11, 1) AND Date<=DateTime(2023, 12, 31)) OR \
             UpdatedDateUTC>=DateTime(2026, 11, 20, 23, 5, 0))"
        );
        let endpoint = find("PurchaseOrders").unwrap();
        let object = |date: &str| {
            format!(
                "{{\"DateString\":\"{date}T00:00:00\",\"Status\":\"AUTHORISED\",\"UpdatedDateUTC\":\"/Date(1700000000000+0000)/\"}}"
            )
        };
        assert!(has(endpoint, &days, &object("2023-12-31")));
        assert!(!has(endpoint, &days, &object("2024-01-01")));
    }

    #[test]
    fn codat_s_window_is_by_modification() {
        let window = Window {
            modified_from: Some("2024-02-29T10:00:00.5Z".parse().unwrap()),
            ..Window::ALL
        };
        assert_eq!(
            of("Payments", &window).unwrap(),
            "UpdatedDateUTC>=DateTime(2024, 2, 29, 10, 0, 0)"
        );
        assert_eq!(of("BankTransfers", &window), None);
    }

    #[test]
    fn purchase_orders_are_sorted_here() {
        let endpoint = find("PurchaseOrders").unwrap();
        let object = |date: &str, status: &str| {
            format!(
                "{{\"DateString\":\"{date}T00:00:00\",\"Status\":\"{status}\",\"UpdatedDateUTC\":\"/Date(0+0000)/\"}}"
            )
        };
        assert!(has(endpoint, &window(), &object("2023-11-01", "BILLED")));
        assert!(has(endpoint, &window(), &object("2020-01-01", "AUTHORISED")));
        assert!(!has(endpoint, &window(), &object("2023-10-31", "BILLED")));
        assert!(has(endpoint, &Window::ALL, &object("2020-01-01", "BILLED")));
    }
}
