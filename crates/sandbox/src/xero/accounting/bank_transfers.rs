//! <https://developer.xero.com/documentation/api/accounting/banktransfers>

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::lines::AccountOf;
use super::list::{day, text};
use super::question::Question;
use super::resource::{Cx, Detail, Resource};
use crate::ledger::{self, Ledger, Table};
use crate::xero::dates::{Day, DayString, Instant};
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::Transfer {
    const NAME: &'static str = "BankTransfers";
    const TYPE: &'static str = "BankTransfer";
    const ID: &'static str = "BankTransferID";
    const PAGED: bool = false;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = BankTransfer<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.transfers
    }

    fn is_listed(&self, question: &Question) -> bool {
        question.include_deleted || !self.meta.deleted
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Status" => Value::Text(status(self)),
            "Date" => day(self.date),
            "Amount" => Value::Number(self.amount),
            "Reference" => text(&self.reference),
            "CreatedDateUTC" => Value::Instant(self.meta.created_at),
            "FromBankAccount.AccountID" => Value::Id(self.from),
            "ToBankAccount.AccountID" => Value::Id(self.to),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, _: Detail) -> BankTransfer<'a> {
        BankTransfer {
            bank_transfer_id: self.meta.id,
            created: Instant(self.meta.created_at),
            date_string: DayString(self.date),
            date: Day(self.date),
            from_bank_account: AccountOf::find(cx.ledger, self.from),
            to_bank_account: AccountOf::find(cx.ledger, self.to),
            amount: Number(self.amount),
            from_bank_transaction_id: self.from_transaction,
            to_bank_transaction_id: self.to_transaction,
            from_is_reconciled: self.from_reconciled,
            to_is_reconciled: self.to_reconciled,
            reference: &self.reference,
            currency_rate: Number(Decimal::ONE),
            has_attachments: cx.ledger.has_attachments(self.meta.id),
            status: status(self),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BankTransfer<'a> {
    #[serde(rename = "BankTransferID")]
    bank_transfer_id: Uuid,
    #[serde(rename = "CreatedDateUTC")]
    created: Instant,
    date_string: DayString,
    date: Day,
    from_bank_account: AccountOf<'a>,
    to_bank_account: AccountOf<'a>,
    amount: Number,
    #[serde(rename = "FromBankTransactionID")]
    from_bank_transaction_id: Uuid,
    #[serde(rename = "ToBankTransactionID")]
    to_bank_transaction_id: Uuid,
    from_is_reconciled: bool,
    to_is_reconciled: bool,
    reference: &'a str,
    currency_rate: Number,
    has_attachments: bool,
    status: &'static str,
}

fn status(transfer: &ledger::Transfer) -> &'static str {
    if transfer.meta.deleted {
        "DELETED"
    } else {
        "AUTHORISED"
    }
}
