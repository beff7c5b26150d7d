use rust_decimal::Decimal;
use serde::Deserialize;
use uuid::Uuid;

use super::fields::{Day, tax_rate};
use super::lines::{SentTracking, document_account, tracked};
use super::{Change, New, Writable, check_date};
use crate::ledger::{JournalLine, Ledger, ManualJournal, ManualJournalStatus, Meta, Table, cents};
use crate::xero::amount::Amount;

/// A manual journal as it is sent.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(rename = "ManualJournalID")]
    id: Option<Uuid>,
    narration: Option<String>,
    date: Option<Day>,
    status: Option<String>,
    show_on_cash_basis_reports: Option<bool>,
    #[serde(default)]
    journal_lines: Vec<SentLine>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SentLine {
    line_amount: Amount,
    account_code: Option<String>,
    #[serde(rename = "AccountID")]
    account_id: Option<Uuid>,
    description: Option<String>,
    tax_type: Option<String>,
    #[serde(default)]
    tracking: Vec<SentTracking>,
}

impl Writable for ManualJournal {
    type Sent = Sent;

    fn id_of(sent: &Sent) -> Option<Uuid> {
        sent.id
    }

    fn build(ledger: &Ledger, sent: Sent, old: Option<&Self>, new: New) -> Result<Change<Self>, Vec<String>> {
        let Some(old) = old else {
            return build(ledger, &sent, Meta::new(new.id, new.at), new);
        };
        if old.meta.deleted || old.status == ManualJournalStatus::Void {
            return Err(vec![
                "A manual journal that is void or deleted cannot be changed.".to_owned(),
            ]);
        }
        let mut changed = old.clone();
        changed.meta.touch(new.at);
        match (sent.status.as_deref(), old.status) {
            (Some("VOIDED"), ManualJournalStatus::Posted) => changed.status = ManualJournalStatus::Void,
            (Some("DELETED"), ManualJournalStatus::Draft) => changed.meta.deleted = true,
            _ => return build(ledger, &sent, changed.meta, new),
        }
        Ok(changed.into())
    }

    fn table_mut(ledger: &mut Ledger) -> &mut Table<Self> {
        &mut ledger.manual_journals
    }
}

fn build(ledger: &Ledger, sent: &Sent, meta: Meta, new: New) -> Result<Change<ManualJournal>, Vec<String>> {
    let mut reasons = Vec::new();
    let narration = sent.narration.clone().unwrap_or_default();
    if narration.trim().is_empty() {
        reasons.push("Narration must not be empty.".to_owned());
    }
    let status = match sent.status.as_deref() {
        None | Some("DRAFT") => ManualJournalStatus::Draft,
        Some("POSTED") => ManualJournalStatus::Posted,
        Some(_) => {
            reasons.push("Status takes DRAFT or POSTED here.".to_owned());
            ManualJournalStatus::Draft
        }
    };
    let date = sent.date.map_or(new.today, |day| day.0);
    check_date(ledger, date, &mut reasons);
    let mut lines = Vec::with_capacity(sent.journal_lines.len());
    for sent in &sent.journal_lines {
        match line(ledger, sent, &narration) {
            Ok(line) => lines.push(line),
            Err(reason) => reasons.push(reason),
        }
    }
    if sent.journal_lines.len() < 2 {
        reasons.push("A manual journal has at least two lines.".to_owned());
    }
    let total: Decimal = lines.iter().map(|line| line.amount).sum();
    if reasons.is_empty() && !total.is_zero() {
        reasons.push(format!(
            "Debits and credits must be equal, but differ by {total}."
        ));
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let journal = ManualJournal {
        meta,
        narration,
        date,
        status,
        lines,
        on_cash_basis_reports: sent.show_on_cash_basis_reports.unwrap_or(true),
    };
    Ok(journal.into())
}

fn line(ledger: &Ledger, sent: &SentLine, narration: &str) -> Result<JournalLine, String> {
    let account = document_account(ledger, sent.account_id, sent.account_code.as_deref())?;
    let tax_code = sent.tax_type.clone().unwrap_or_else(|| "NONE".to_owned());
    tax_rate(ledger, &tax_code)?;
    Ok(JournalLine {
        description: sent.description.clone().unwrap_or_else(|| narration.to_owned()),
        account: account.meta.id,
        amount: cents(sent.line_amount.0),
        tax_code,
        tracking: tracked(ledger, &sent.tracking)?,
    })
}
