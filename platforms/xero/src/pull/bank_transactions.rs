//! <https://developer.xero.com/documentation/api/accounting/banktransactions>
//!
//! `SPEND` and `RECEIVE` are direct costs and incomes, and account transactions besides. Of a prepayment or an
//! overpayment this is the bank's side only. `*-TRANSFER` are not mapped: the bank transfer that they belong
//! to has both sides. Only the kept source has: all of `Contact` but its id, `LineAmountTypes`, `Url`, `PrepaymentID` and `OverpaymentID` beyond the
//! reference, attachments, and of the lines what `invoices` lists.

use ledgerline_model::records::{
    AccountRef, AccountTransaction, AccountTransactionLine, AllocatedPayment, Allocation, BankAccountRef,
    BankStatus, ContactRef, DirectCost, DirectIncome, PaymentAllocation, RecordRef, Text,
};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::document::{self, AccountName, Document, Line, rate};
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "BankTransactionID", borrow)]
    id: Str<'a>,
    #[serde(rename = "Type", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    contact: Option<Contact<'a>>,
    #[serde(borrow)]
    bank_account: Option<AccountName<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    line_amount_types: Option<Str<'a>>,
    #[serde(default, borrow)]
    line_items: Vec<Line<'a>>,
    sub_total: Decimal,
    total_tax: Decimal,
    total: Decimal,
    is_reconciled: Option<bool>,
    #[serde(rename = "PrepaymentID", borrow)]
    prepayment_id: Option<Str<'a>>,
    #[serde(rename = "OverpaymentID", borrow)]
    overpayment_id: Option<Str<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

use document::ContactRef as Contact;

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let mut wire: Wire<'_> = parse(text)?;
    let (is_money_in, document) = match wire.kind.as_str() {
        "SPEND" => (false, Some(DataType::DirectCosts)),
        "RECEIVE" => (true, Some(DataType::DirectIncomes)),
        "SPEND-PREPAYMENT" | "SPEND-OVERPAYMENT" => (false, None),
        "RECEIVE-PREPAYMENT" | "RECEIVE-OVERPAYMENT" => (true, None),
        "SPEND-TRANSFER" | "RECEIVE-TRANSFER" => return Ok(()),
        other => return Err(Flaw::found("Type", other, "is no type of bank transaction")),
    };
    match wire.status.as_str() {
        "AUTHORISED" => {}
        "DELETED" | "VOIDED" => {
            rows.gone(DataType::AccountTransactions, wire.id.as_str());
            if let Some(data_type) = document {
                rows.gone(data_type, wire.id.as_str());
            }
            return Ok(());
        }
        other => rows.unknown(
            "xero-unknown-bank-transaction-status",
            wire.id.as_str(),
            "Status",
            other,
        ),
    }
    let bank = wire.bank_account.take().and_then(AccountName::account);
    if rows.wants(DataType::AccountTransactions) {
        let caused = caused_record(&wire, is_money_in, document);
        bank_side(&wire, bank.as_ref(), is_money_in, caused, rows)?;
    }
    match document {
        Some(data_type) if rows.wants(data_type) => direct(wire, bank, data_type, rows),
        _ => Ok(()),
    }
}

/// The record that is the other side of this movement.
fn caused_record<'a>(
    wire: &Wire<'a>,
    is_money_in: bool,
    document: Option<DataType>,
) -> Option<RecordRef<'a>> {
    if let Some(data_type) = document {
        let id = wire.id.clone().into();
        return Some(RecordRef { id, data_type });
    }
    let id = filled(wire.prepayment_id.clone()).or_else(|| filled(wire.overpayment_id.clone()))?;
    let data_type = if is_money_in {
        DataType::Payments
    } else {
        DataType::BillPayments
    };
    Some(RecordRef { id, data_type })
}

fn bank_side(
    wire: &Wire<'_>,
    bank: Option<&AccountRef<'_>>,
    is_money_in: bool,
    caused: Option<RecordRef<'_>>,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let amount = if is_money_in { wire.total } else { -wire.total };
    let record = AccountTransaction {
        id: wire.id.clone().into(),
        transaction_id: Some(wire.id.clone().into()),
        note: filled(wire.reference.clone()),
        bank_account_ref: bank.map(|bank| BankAccountRef {
            id: bank.id.clone(),
            name: bank.name.clone(),
        }),
        date: dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?,
        status: match wire.is_reconciled {
            Some(true) => BankStatus::Reconciled,
            Some(false) => BankStatus::Unreconciled,
            None => BankStatus::Unknown,
        },
        currency: filled(wire.currency_code.clone()),
        currency_rate: rate(wire.currency_rate),
        lines: vec![AccountTransactionLine {
            description: None,
            record_ref: caused,
            amount: Some(amount),
        }],
        total_amount: Some(amount),
        source_modified_date: modified,
    };
    rows.present(DataType::AccountTransactions, wire.id.as_str(), &record, modified)
}

fn direct(
    wire: Wire<'_>,
    bank: Option<AccountRef<'_>>,
    data_type: DataType,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let date = dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?;
    let issue_date = dates::required(date, "Date")?;
    let mut document = Document::new(rows, wire.id.as_str(), wire.line_amount_types.as_ref());
    let line_items = document.direct_lines(wire.line_items);
    let currency = filled(wire.currency_code).ok_or_else(|| Flaw::missing("CurrencyCode"))?;
    let currency_rate = rate(wire.currency_rate);
    let paid = PaymentAllocation {
        payment: AllocatedPayment {
            id: Some(wire.id.clone().into()),
            note: None,
            reference: None,
            account_ref: bank,
            currency: Some(currency.clone()),
            currency_rate,
            paid_on_date: Some(issue_date),
            total_amount: Some(wire.total),
        },
        allocation: Allocation {
            currency: Some(currency.clone()),
            currency_rate,
            allocated_on_date: Some(issue_date),
            total_amount: Some(wire.total),
        },
    };
    let contact_ref = wire.contact.and_then(contact);
    let reference = filled(wire.reference);
    if data_type == DataType::DirectCosts {
        let record = DirectCost {
            id: wire.id.clone().into(),
            reference,
            note: None,
            contact_ref,
            issue_date,
            currency,
            currency_rate,
            line_items,
            payment_allocations: vec![paid],
            sub_total: wire.sub_total,
            tax_amount: wire.total_tax,
            total_amount: wire.total,
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, wire.id.as_str(), &record, modified)
    } else {
        let record = DirectIncome {
            id: wire.id.clone().into(),
            reference,
            note: None,
            contact_ref,
            issue_date,
            currency,
            currency_rate,
            line_items,
            payment_allocations: vec![paid],
            sub_total: wire.sub_total,
            tax_amount: wire.total_tax,
            total_amount: wire.total,
            supplemental_data: None,
            source_modified_date: modified,
        };
        rows.present(data_type, wire.id.as_str(), &record, modified)
    }
}

/// Which list has the contact is told only where the flags are there and leave no choice.
fn contact(wire: Contact<'_>) -> Option<ContactRef<'_>> {
    let data_type = match (wire.is_customer, wire.is_supplier) {
        (Some(true), Some(false)) => Some(DataType::Customers),
        (Some(false), Some(true)) => Some(DataType::Suppliers),
        _ => None,
    };
    let id: Text<'_> = filled(wire.id)?;
    Some(ContactRef { id, data_type })
}
