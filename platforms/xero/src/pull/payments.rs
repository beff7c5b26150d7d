//! <https://developer.xero.com/documentation/api/accounting/payments>
//!
//! A payment of an invoice has a link with the negative amount. Money that goes back (a credit note, an
//! overpayment or a prepayment is refunded) is negative itself, its link positive. Only the kept source has:
//! `BatchPayment`, `BatchPaymentID`, `Account.Code`, `HasValidationErrors`, `HasAccount`, `BankAccountNumber`, `Particulars`, `Details`, `Code`, and
//! of what was paid all but its id, contact and currency.

use ledgerline_model::records::{
    AccountTransaction, AccountTransactionLine, BankAccountRef, BankStatus, BillPayment, BillPaymentLine,
    BillPaymentLink, BillPaymentLinkType, Payment, PaymentLine, PaymentLink, PaymentLinkType, RecordRef,
    Text,
};
use ledgerline_model::{DataType, Decimal, Instant, LocalDateTime};
use serde::Deserialize;

use super::dates;
use super::document::{AccountName, ContactRef, rate};
use super::facts::{BankSide, Facts};
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "PaymentID", borrow)]
    id: Str<'a>,
    #[serde(rename = "PaymentType", borrow)]
    kind: Str<'a>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    amount: Decimal,
    bank_amount: Option<Decimal>,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    is_reconciled: Option<bool>,
    #[serde(borrow)]
    account: Option<AccountName<'a>>,
    #[serde(borrow)]
    invoice: Option<Paid<'a>>,
    #[serde(borrow)]
    credit_note: Option<Paid<'a>>,
    #[serde(borrow)]
    prepayment: Option<Paid<'a>>,
    #[serde(borrow)]
    overpayment: Option<Paid<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

/// What the payment is of.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Paid<'a> {
    #[serde(rename = "InvoiceID", borrow)]
    invoice_id: Option<Str<'a>>,
    #[serde(rename = "CreditNoteID", borrow)]
    credit_note_id: Option<Str<'a>>,
    #[serde(rename = "PrepaymentID", borrow)]
    prepayment_id: Option<Str<'a>>,
    #[serde(rename = "OverpaymentID", borrow)]
    overpayment_id: Option<Str<'a>>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    #[serde(borrow)]
    contact: Option<ContactRef<'a>>,
}

/// Which way the money goes, and what it settles.
struct Nature {
    data_type: DataType,
    settles: Settles,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Settles {
    Document,
    CreditNote,
    OnAccount,
}

/// A payment with its source's words understood.
struct Understood<'a> {
    id: &'a str,
    currency: Option<Text<'a>>,
    rate: Option<Decimal>,
    date: LocalDateTime,
    reference: Option<Text<'a>>,
    /// Negative where the money goes back.
    amount: Decimal,
    linked: Option<Text<'a>>,
    settles: Settles,
    modified: Option<Instant>,
}

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let nature = nature(wire.kind.as_str())?;
    match wire.status.as_str() {
        "AUTHORISED" => {}
        "DELETED" => {
            rows.gone(nature.data_type, wire.id.as_str());
            rows.gone(DataType::AccountTransactions, wire.id.as_str());
            return Ok(());
        }
        other => rows.unknown("xero-unknown-payment-status", wire.id.as_str(), "Status", other),
    }
    let paid = wire
        .invoice
        .or(wire.credit_note)
        .or(wire.prepayment)
        .or(wire.overpayment);
    let (linked, currency, contact) = match paid {
        Some(paid) => (
            filled(paid.invoice_id)
                .or_else(|| filled(paid.credit_note_id))
                .or_else(|| filled(paid.prepayment_id))
                .or_else(|| filled(paid.overpayment_id)),
            filled(paid.currency_code),
            paid.contact,
        ),
        None => (None, None, None),
    };
    let date = dates::date(None, wire.date.as_ref(), "Date")?;
    let payment = Understood {
        id: wire.id.as_str(),
        currency,
        rate: rate(wire.currency_rate),
        date: dates::required(date, "Date")?,
        reference: filled(wire.reference),
        amount: if nature.settles == Settles::Document {
            wire.amount
        } else {
            -wire.amount
        },
        linked,
        settles: nature.settles,
        modified: dates::modified(wire.updated_date_utc.as_ref())?,
    };
    let account = wire.account.and_then(AccountName::account);
    if rows.wants(DataType::AccountTransactions)
        && let Some(bank) = account.as_ref().and_then(|account| account.id.clone())
    {
        match facts.bank_side(&bank) {
            Some(BankSide::Unlisted) => rows.names_unlisted(&bank),
            Some(BankSide::NoBank) => rows.gone(DataType::AccountTransactions, payment.id),
            Some(BankSide::Bank { .. }) | None => {
                let name = account.as_ref().and_then(|account| account.name.clone());
                let bank = BankAccountRef { id: Some(bank), name };
                bank_side(
                    &payment,
                    nature.data_type,
                    bank,
                    wire.bank_amount,
                    wire.is_reconciled,
                    facts,
                    rows,
                )?;
            }
        }
    }
    if nature.data_type == DataType::Payments && rows.wants(DataType::Payments) {
        let record = Payment {
            id: payment.id.into(),
            customer_ref: contact.and_then(ContactRef::customer),
            account_ref: account,
            payment_method_ref: None,
            total_amount: Some(payment.amount),
            currency: payment.currency.clone(),
            currency_rate: payment.rate,
            date: payment.date,
            note: None,
            lines: vec![PaymentLine {
                amount: payment.amount,
                links: vec![PaymentLink {
                    kind: match payment.settles {
                        Settles::Document => PaymentLinkType::Invoice,
                        Settles::CreditNote => PaymentLinkType::CreditNote,
                        Settles::OnAccount => PaymentLinkType::PaymentOnAccount,
                    },
                    id: payment.linked.clone(),
                    amount: Some(-payment.amount),
                    currency_rate: None,
                }],
                allocated_on_date: Some(payment.date),
            }],
            reference: payment.reference.clone(),
            supplemental_data: None,
            source_modified_date: payment.modified,
        };
        rows.present(DataType::Payments, payment.id, &record, payment.modified)
    } else if rows.wants(nature.data_type) {
        let record = BillPayment {
            id: payment.id.into(),
            supplier_ref: contact.and_then(ContactRef::supplier),
            account_ref: account,
            total_amount: Some(payment.amount),
            currency: payment.currency.clone(),
            currency_rate: payment.rate,
            date: payment.date,
            note: None,
            payment_method_ref: None,
            lines: vec![BillPaymentLine {
                amount: payment.amount,
                links: vec![BillPaymentLink {
                    kind: match payment.settles {
                        Settles::Document => BillPaymentLinkType::Bill,
                        Settles::CreditNote => BillPaymentLinkType::CreditNote,
                        Settles::OnAccount => BillPaymentLinkType::PaymentOnAccount,
                    },
                    id: payment.linked.clone(),
                    amount: Some(-payment.amount),
                    currency_rate: None,
                }],
                allocated_on_date: Some(payment.date),
            }],
            reference: payment.reference.clone(),
            supplemental_data: None,
            source_modified_date: payment.modified,
        };
        rows.present(DataType::BillPayments, payment.id, &record, payment.modified)
    } else {
        Ok(())
    }
}

fn nature(payment_type: &str) -> Result<Nature, Flaw> {
    let (data_type, settles) = match payment_type {
        "ACCRECPAYMENT" => (DataType::Payments, Settles::Document),
        "ARCREDITPAYMENT" => (DataType::Payments, Settles::CreditNote),
        "AROVERPAYMENTPAYMENT" | "ARPREPAYMENTPAYMENT" => (DataType::Payments, Settles::OnAccount),
        "ACCPAYPAYMENT" => (DataType::BillPayments, Settles::Document),
        "APCREDITPAYMENT" => (DataType::BillPayments, Settles::CreditNote),
        "APOVERPAYMENTPAYMENT" | "APPREPAYMENTPAYMENT" => (DataType::BillPayments, Settles::OnAccount),
        other => return Err(Flaw::found("PaymentType", other, "is no type of payment")),
    };
    Ok(Nature { data_type, settles })
}

/// What the payment did to the bank account, in the account's own currency.
fn bank_side(
    payment: &Understood<'_>,
    data_type: DataType,
    bank: BankAccountRef<'_>,
    bank_amount: Option<Decimal>,
    is_reconciled: Option<bool>,
    facts: &Facts,
    rows: &mut Rows<'_>,
) -> Result<(), Flaw> {
    let bank_currency = bank
        .id
        .as_ref()
        .and_then(|id| facts.bank_currency(id))
        .map(|currency| Text::from(currency.to_owned()));
    let size = bank_amount.unwrap_or(payment.amount).abs();
    // Where the account's currency is not known, equal amounts are in the same one, others are not.
    let is_own_currency = match &bank_currency {
        Some(currency) => payment.currency.as_ref() == Some(currency),
        None => size == payment.amount.abs(),
    };
    let is_money_in = (data_type == DataType::Payments) != payment.amount.is_negative();
    let amount = if is_money_in { size } else { -size };
    let record = AccountTransaction {
        id: payment.id.into(),
        transaction_id: Some(payment.id.into()),
        note: payment.reference.clone(),
        bank_account_ref: Some(bank),
        date: Some(payment.date),
        status: match is_reconciled {
            Some(true) => BankStatus::Reconciled,
            Some(false) => BankStatus::Unreconciled,
            None => BankStatus::Unknown,
        },
        currency: bank_currency.or_else(|| payment.currency.clone().filter(|_| is_own_currency)),
        // The rate that Xero tells is that of the paid document's currency.
        currency_rate: payment.rate.filter(|_| is_own_currency),
        lines: vec![AccountTransactionLine {
            description: None,
            record_ref: Some(RecordRef {
                id: payment.id.into(),
                data_type,
            }),
            amount: Some(amount),
        }],
        total_amount: Some(amount),
        source_modified_date: payment.modified,
    };
    rows.present(
        DataType::AccountTransactions,
        payment.id,
        &record,
        payment.modified,
    )
}
