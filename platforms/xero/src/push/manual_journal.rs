//! <https://developer.xero.com/documentation/api/accounting/manualjournals>
//!
//! Xero lets no journal touch a bank account, nor the accounts that it books customers and suppliers on itself.

use ledgerline_model::Decimal;
use ledgerline_model::push::{Key, Leg, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Prepared, References, cents, choice, refused, text, total};
use serde::Serialize;

use super::account::LineAccount;
use super::document::Document;
use super::line::{self, Tracking};
use super::{account, amount, request};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManualJournals {
    manual_journals: [ManualJournal; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ManualJournal {
    narration: String,
    date: String,
    status: &'static str,
    line_amount_types: &'static str,
    journal_lines: Vec<JournalLine>,
}

/// Debits are positive.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct JournalLine {
    line_amount: Decimal,
    #[serde(flatten)]
    account: LineAccount,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tracking: Vec<Tracking>,
}

/// An adjustment of an account that is no bank account.
pub(super) fn prepare(order: &Order, key: &Key, references: &References) -> Result<Prepared, Error> {
    let own = account::find(references, &order.bank_account, "bankAccountRef")?;
    let is_in = order.kind.is_income();
    let signed = |amount: Decimal, debit: bool| if debit { amount } else { -amount };
    let mut lines = vec![JournalLine {
        line_amount: signed(order.total(), is_in),
        account: own.into(),
        description: text::of_order(order),
        tracking: Vec::new(),
    }];
    for (index, line) in order.lines.iter().enumerate() {
        let field = |name: &str| format!("lines[{index}].{name}");
        if !line.tax.is_zero() {
            return Err(refused(
                field("taxAmount"),
                "Xero works the tax of journals out by itself: it cannot be told",
            ));
        }
        let account = account::find(references, &line.account, &field("accountRef"))?;
        lines.push(JournalLine {
            line_amount: signed(cents(line.net, field("netAmount"))?, !is_in),
            account: account.into(),
            description: text::of_line(order, index),
            tracking: line::tracking(line, references, index)?,
        });
    }
    total(order)?;
    let body = ManualJournals {
        manual_journals: [ManualJournal {
            narration: text::marked(order, key.as_str()),
            date: amount::day(order.date),
            status: if order.is_draft { "DRAFT" } else { "POSTED" },
            line_amount_types: "NoTax",
            journal_lines: lines,
        }],
    };
    let query = [("summarizeErrors", "false")];
    Ok(Prepared {
        leg: Leg::Expense,
        requests: vec![request("PUT", Document::ManualJournal.path(), &query, &body)?],
        choices: vec![choice(
            "type",
            "ManualJournal",
            "the account is not of type BANK: Xero has no spend or receive money on it",
        )],
    })
}
