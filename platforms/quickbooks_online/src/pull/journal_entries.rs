//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/journalentry>

use ledgerline_model::records::{JournalEntry, JournalLine, JournalTracking, RecordRef};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Line, Transaction, category, filled};

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let mut journal_lines = Vec::new();
    for line in &wire.line {
        journal_lines.extend(map_line(line, &wire)?);
    }
    let record = JournalEntry {
        id: wire.id.as_str().into(),
        description: filled(wire.private_note.clone()).map(Into::into),
        posted_on: Some(wire.date()?),
        created_on: wire.created(),
        updated_on: wire.modified(),
        journal_ref: None,
        journal_lines,
        tax_beside_lines: Decimal::ZERO,
        record_ref: None,
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::JournalEntries, &wire.id, &record, wire.modified())
}

/// Debits are positive. A remark posts nothing.
fn map_line(line: &Line, wire: &Transaction) -> Result<Option<JournalLine<'static>>, Flaw> {
    let Some(detail) = &line.journal_entry_line_detail else {
        return Ok(None);
    };
    let amount = line.amount.ok_or_else(|| Flaw::missing("Line.Amount"))?;
    let amount = match detail.posting_type.as_deref() {
        Some("Debit") => amount,
        Some("Credit") => -amount,
        _ => return Err(Flaw::missing("PostingType")),
    };
    let tracked = [
        category(detail.class_ref.as_ref(), "CLASS"),
        category(detail.department_ref.as_ref(), "DEPARTMENT"),
    ];
    let record_refs: Vec<_> = tracked
        .into_iter()
        .flatten()
        .map(|category| RecordRef {
            id: category.id,
            data_type: DataType::TrackingCategories,
        })
        .collect();
    Ok(Some(JournalLine {
        description: filled(line.description.clone()).map(Into::into),
        // In the base currency, where the entry is in another.
        net_amount: match wire.exchange_rate {
            Some(rate) if rate != Decimal::ONE && !rate.is_zero() => (amount * rate).rounded(2),
            _ => amount,
        },
        transaction_amount: Some(amount),
        currency: None,
        transaction_currency: wire.currency().map(Into::into),
        account_ref: detail.account_ref.as_ref().and_then(|account| account.account()),
        tracking: (!record_refs.is_empty()).then_some(JournalTracking { record_refs }),
        contact_ref: None,
    }))
}
