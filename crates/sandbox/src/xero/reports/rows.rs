use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::ledger::{Ledger, cents};
use crate::xero::accounting::today;
use crate::xero::dates::Instant;
use crate::xero::errors::Error;
use crate::xero::ids;

/// A report before it is written.
pub(super) struct Report {
    /// `BalanceSheet`.
    pub(super) id: &'static str,
    /// `Balance Sheet`.
    pub(super) name: &'static str,
    /// The third line of its title: the time that it is about.
    pub(super) period: String,
    pub(super) rows: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Row {
    row_type: RowType,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cells: Vec<Cell>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Row>>,
}

#[derive(Serialize)]
enum RowType {
    Header,
    Section,
    Row,
    SummaryRow,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Cell {
    value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<[Attribute; 1]>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    value: Uuid,
    id: &'static str,
}

impl Row {
    pub(super) fn header(titles: impl IntoIterator<Item = String>) -> Self {
        let cells = titles
            .into_iter()
            .map(|value| Cell {
                value,
                attributes: None,
            })
            .collect();
        Self {
            row_type: RowType::Header,
            title: None,
            cells,
            rows: None,
        }
    }

    pub(super) fn section(title: &'static str, rows: Vec<Row>) -> Self {
        Self {
            row_type: RowType::Section,
            title: Some(title),
            cells: Vec::new(),
            rows: Some(rows),
        }
    }

    /// A line of one account: each cell names it.
    pub(super) fn account(
        attribute: &'static str,
        account: Uuid,
        name: String,
        amounts: &[Option<Decimal>],
    ) -> Self {
        let cell = |value| Cell {
            value,
            attributes: Some([Attribute {
                value: account,
                id: attribute,
            }]),
        };
        let amounts = amounts.iter().map(|amount| amount.map(text).unwrap_or_default());
        let cells = std::iter::once(name).chain(amounts).map(cell).collect();
        Self {
            row_type: RowType::Row,
            title: None,
            cells,
            rows: None,
        }
    }

    /// A line that no account stands behind, such as net profit.
    pub(super) fn plain(name: &str, amounts: &[Decimal]) -> Self {
        Self {
            row_type: RowType::Row,
            ..Self::summary(name, amounts)
        }
    }

    pub(super) fn summary(name: &str, amounts: &[Decimal]) -> Self {
        let cells = std::iter::once(name.to_owned())
            .chain(amounts.iter().map(|amount| text(*amount)))
            .map(|value| Cell {
                value,
                attributes: None,
            })
            .collect();
        Self {
            row_type: RowType::SummaryRow,
            title: None,
            cells,
            rows: None,
        }
    }
}

/// An amount as reports print it: a text with two places.
fn text(amount: Decimal) -> String {
    cents(amount).to_string()
}

/// Add up columns.
pub(super) fn add(sum: &mut [Decimal], amounts: &[Decimal]) {
    for (sum, amount) in sum.iter_mut().zip(amounts) {
        *sum += *amount;
    }
}

/// The report in its envelope.
pub(super) fn write(report: &Report, ledger: &Ledger, now: Timestamp) -> Result<Vec<u8>, Error> {
    let body = Body { report, ledger, now };
    serde_json::to_vec(&body).map_err(|error| Error::Internal(error.to_string()))
}

struct Body<'a> {
    report: &'a Report,
    ledger: &'a Ledger,
    now: Timestamp,
}

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("Id", &ids::next())?;
        map.serialize_entry("Status", "OK")?;
        map.serialize_entry("ProviderName", "Ledgerline")?;
        map.serialize_entry(
            "DateTimeUTC",
            &format_args!("/Date({})/", self.now.as_millisecond()),
        )?;
        map.serialize_entry(
            "Reports",
            &[Written {
                report_id: self.report.id,
                report_name: self.report.name,
                report_type: self.report.id,
                report_titles: [self.report.name, &self.ledger.facts.name, &self.report.period],
                report_date: super::columns::long(today(self.ledger, self.now)),
                updated: Instant(self.now),
                fields: [],
                rows: &self.report.rows,
            }],
        )?;
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Written<'a> {
    #[serde(rename = "ReportID")]
    report_id: &'static str,
    report_name: &'static str,
    report_type: &'static str,
    report_titles: [&'a str; 3],
    report_date: String,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    fields: [u8; 0],
    rows: &'a [Row],
}
