//! <https://developer.xero.com/documentation/api/accounting/manualjournals>

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::lines::{LineItemTracking, account_code, tracking};
use super::list::{day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Ledger, ManualJournalStatus, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::ManualJournal {
    const NAME: &'static str = "ManualJournals";
    const TYPE: &'static str = "ManualJournal";
    const ID: &'static str = "ManualJournalID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = ManualJournal<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.manual_journals
    }

    fn is_listed(&self, _: &Question) -> bool {
        true
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Status" => Value::Text(status(self)),
            "Date" => day(self.date),
            "Narration" => text(&self.narration),
            "ShowOnCashBasisReports" => Value::Bool(self.on_cash_basis_reports),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> ManualJournal<'a> {
        let lines = self
            .lines
            .iter()
            .filter(|_| detail != Detail::Summary)
            .map(|line| JournalLine {
                description: &line.description,
                tax_type: &line.tax_code,
                tax_amount: Number(Decimal::ZERO),
                line_amount: Number(line.amount),
                account_code: account_code(cx.ledger, line.account),
                tracking: tracking(cx.ledger, &line.tracking),
                account_id: line.account,
                is_blank: false,
            });
        ManualJournal {
            date_string: DayString(self.date),
            date: Day(self.date),
            status: status(self),
            line_amount_types: "NoTax",
            updated: Instant(self.meta.updated_at),
            manual_journal_id: self.meta.id,
            narration: &self.narration,
            journal_lines: lines.collect(),
            show_on_cash_basis_reports: self.on_cash_basis_reports,
            has_attachments: cx.ledger.has_attachments(self.meta.id),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManualJournal<'a> {
    date_string: DayString,
    date: Day,
    status: &'static str,
    line_amount_types: &'static str,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    #[serde(rename = "ManualJournalID")]
    manual_journal_id: Uuid,
    narration: &'a str,
    journal_lines: Vec<JournalLine<'a>>,
    show_on_cash_basis_reports: bool,
    has_attachments: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct JournalLine<'a> {
    description: &'a str,
    tax_type: &'a str,
    tax_amount: Number,
    line_amount: Number,
    account_code: &'a str,
    tracking: Vec<LineItemTracking<'a>>,
    #[serde(rename = "AccountID")]
    account_id: Uuid,
    is_blank: bool,
}

fn status(journal: &ledger::ManualJournal) -> &'static str {
    if journal.meta.deleted {
        return "DELETED";
    }
    match journal.status {
        ManualJournalStatus::Draft => "DRAFT",
        ManualJournalStatus::Posted => "POSTED",
        ManualJournalStatus::Void => "VOIDED",
    }
}
