//! <https://developer.xero.com/documentation/api/accounting/manualjournals>
//!
//! Only what is posted is in the ledger: drafts, voided and archived journals are no journal entries. Only the
//! kept source has: `LineAmountTypes`, `ShowOnCashBasisReports`, `Url`, attachments, and of the lines
//! `TaxType`, `TaxAmount`, `AccountCode`, `IsBlank`.

use ledgerline_model::records::{AccountRef, JournalEntry, JournalLine, JournalTracking, RecordRef};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "ManualJournalID", borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    narration: Option<Str<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    line_amount_types: Option<Str<'a>>,
    #[serde(default, borrow)]
    journal_lines: Vec<Line<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    #[serde(borrow)]
    description: Option<Str<'a>>,
    line_amount: Option<Decimal>,
    tax_amount: Option<Decimal>,
    #[serde(rename = "AccountID", borrow)]
    account_id: Option<Str<'a>>,
    #[serde(borrow)]
    account_code: Option<Str<'a>>,
    is_blank: Option<bool>,
    #[serde(default, borrow)]
    tracking: Vec<OptionRef<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OptionRef<'a> {
    #[serde(rename = "TrackingOptionID", borrow)]
    id: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    match wire.status.as_str() {
        "POSTED" => {}
        "DRAFT" | "DELETED" | "VOIDED" | "ARCHIVED" => {
            rows.gone(DataType::JournalEntries, wire.id.as_str());
            return Ok(());
        }
        // Whether it is in the ledger cannot be told, and the standard has no status for it.
        other => return Err(Flaw::found("Status", other, "is no status of a manual journal")),
    }
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let id = wire.id.as_str();
    let is_inclusive = wire
        .line_amount_types
        .as_ref()
        .is_some_and(|types| types.as_str() == "Inclusive");
    let has_no_tax = wire
        .line_amount_types
        .as_ref()
        .is_some_and(|types| types.as_str() == "NoTax");
    // Xero posts the tax to another account, whether the amounts of the lines hold it or not.
    let taxes = wire
        .journal_lines
        .iter()
        .filter(|line| line.is_blank != Some(true));
    let tax_beside_lines = if has_no_tax {
        Decimal::ZERO
    } else {
        taxes.filter_map(|line| line.tax_amount).sum()
    };
    let mut journal_lines = Vec::with_capacity(wire.journal_lines.len());
    for line in wire.journal_lines {
        if line.is_blank != Some(true) {
            journal_lines.push(journal_line(line, is_inclusive, id, rows)?);
        }
    }
    let record = JournalEntry {
        id: id.into(),
        description: filled(wire.narration),
        posted_on: dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?,
        created_on: None,
        updated_on: modified,
        journal_ref: None,
        journal_lines,
        tax_beside_lines,
        record_ref: None,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::JournalEntries, id, &record, modified)
}

fn journal_line<'a>(
    line: Line<'a>,
    is_inclusive: bool,
    id: &str,
    rows: &mut Rows<'_>,
) -> Result<JournalLine<'a>, Flaw> {
    let amount = line
        .line_amount
        .ok_or_else(|| Flaw::missing("JournalLines.LineAmount"))?;
    let account_ref = filled(line.account_id).map(|id| AccountRef {
        id: Some(id),
        name: None,
    });
    if account_ref.is_none() && filled(line.account_code).is_some() {
        let message = "a line names its account by code only".to_owned();
        rows.warn(
            "xero-account-by-code-only",
            id,
            "JournalLines.AccountCode",
            message,
        );
    }
    let record_refs = line
        .tracking
        .into_iter()
        .filter_map(|option| {
            Some(RecordRef {
                id: filled(option.id)?,
                data_type: DataType::TrackingCategories,
            })
        })
        .collect::<Vec<_>>();
    Ok(JournalLine {
        description: filled(line.description),
        // The tax inside an inclusive amount is posted to another account.
        net_amount: match line.tax_amount {
            Some(tax) if is_inclusive => amount - tax,
            _ => amount,
        },
        transaction_amount: None::<Decimal>,
        currency: None,
        transaction_currency: None,
        account_ref,
        tracking: (!record_refs.is_empty()).then_some(JournalTracking { record_refs }),
        contact_ref: None,
    })
}
