//! <https://developer.xero.com/documentation/api/accounting/banktransactions>: money spent and received.

use serde::Serialize;
use uuid::Uuid;

use super::contacts::ContactOf;
use super::lines::{AccountOf, LineItem, foreign_rate, line_amount_types, line_items};
use super::list::{contact_field, day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Ledger, MoneyFlow, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::BankTransaction {
    const NAME: &'static str = "BankTransactions";
    const TYPE: &'static str = "BankTransaction";
    const ID: &'static str = "BankTransactionID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = BankTransaction<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.bank_transactions
    }

    fn is_listed(&self, _: &Question) -> bool {
        true
    }

    fn field<'a>(&'a self, ledger: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Type" => Value::Text(kind(self.flow)),
            "Status" => Value::Text(status(self)),
            "Date" => day(self.date),
            "Reference" => text(&self.reference),
            "IsReconciled" => Value::Bool(self.reconciled),
            "SubTotal" => Value::Number(self.totals.sub_total),
            "TotalTax" => Value::Number(self.totals.total_tax),
            "Total" => Value::Number(self.totals.total),
            "CurrencyCode" => Value::Text(&self.currency),
            "BankAccount.AccountID" => Value::Id(self.account),
            "BankAccount.Code" => ledger
                .accounts
                .get(self.account)
                .map_or(Value::Null, |account| text(&account.code)),
            _ => return contact_field(ledger, self.contact, path),
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> BankTransaction<'a> {
        BankTransaction {
            bank_transaction_id: self.meta.id,
            bank_account: AccountOf::find(cx.ledger, self.account),
            kind: kind(self.flow),
            reference: &self.reference,
            is_reconciled: self.reconciled,
            has_attachments: cx.ledger.has_attachments(self.meta.id),
            contact: ContactOf::find(cx.ledger, self.contact),
            date_string: DayString(self.date),
            date: Day(self.date),
            status: status(self),
            line_amount_types: line_amount_types(self.line_amounts),
            line_items: if detail == Detail::Summary {
                Vec::new()
            } else {
                line_items(cx, &self.lines)
            },
            sub_total: Number(self.totals.sub_total),
            total_tax: Number(self.totals.total_tax),
            total: Number(self.totals.total),
            updated: Instant(self.meta.updated_at),
            currency_code: &self.currency,
            currency_rate: foreign_rate(cx.ledger, &self.currency, self.currency_rate),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BankTransaction<'a> {
    #[serde(rename = "BankTransactionID")]
    bank_transaction_id: Uuid,
    bank_account: AccountOf<'a>,
    #[serde(rename = "Type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    reference: &'a str,
    is_reconciled: bool,
    has_attachments: bool,
    contact: ContactOf<'a>,
    date_string: DayString,
    date: Day,
    status: &'static str,
    line_amount_types: &'static str,
    line_items: Vec<LineItem<'a>>,
    sub_total: Number,
    total_tax: Number,
    total: Number,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    currency_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_rate: Option<Number>,
}

fn kind(flow: MoneyFlow) -> &'static str {
    match flow {
        MoneyFlow::Spend => "SPEND",
        MoneyFlow::Receive => "RECEIVE",
    }
}

fn status(transaction: &ledger::BankTransaction) -> &'static str {
    if transaction.meta.deleted {
        "DELETED"
    } else {
        "AUTHORISED"
    }
}
