//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/billpayment>

use ledgerline_model::DataType;
use ledgerline_model::records::{BillPayment, BillPaymentLine, BillPaymentLink, BillPaymentLinkType};

use super::Facts;
use super::bank_side::{self, Side};
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Line, Transaction};

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let by_check = wire
        .check_payment
        .as_ref()
        .and_then(|check| check.bank_account_ref.as_ref());
    let by_card = wire
        .credit_card_payment
        .as_ref()
        .and_then(|card| card.account_ref.as_ref());
    let account = by_check.or(by_card);
    let mut lines = Vec::new();
    for line in &wire.line {
        lines.extend(map_line(line, &wire, rows)?);
    }
    let record = BillPayment {
        id: wire.id.as_str().into(),
        supplier_ref: wire.vendor_ref.as_ref().and_then(|vendor| vendor.supplier()),
        account_ref: account.and_then(|account| account.account()),
        total_amount: Some(wire.total()?),
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        date: wire.date()?,
        note: wire.note().map(Into::into),
        payment_method_ref: None,
        lines,
        reference: wire.doc_number.as_deref().map(Into::into),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::BillPayments, &wire.id, &record, wire.modified())?;
    let side = Side {
        id: format!("billPayment_{}", wire.id),
        account,
        amount: -wire.total()?,
        data_type: DataType::BillPayments,
    };
    bank_side::row(&wire, side, facts, rows)
}

/// What a line pays is negative in its link; a credit that it uses up is money too.
fn map_line(
    line: &Line,
    wire: &Transaction,
    rows: &mut Rows<'_>,
) -> Result<Option<BillPaymentLine<'static>>, Flaw> {
    let amount = line.amount.ok_or_else(|| Flaw::missing("Line.Amount"))?;
    let Some(linked) = line.linked_txn.first() else {
        return Ok(None);
    };
    let (kind, amount) = match linked.txn_type.as_deref().unwrap_or_default() {
        "Bill" => (BillPaymentLinkType::Bill, -amount),
        "VendorCredit" => (BillPaymentLinkType::CreditNote, amount),
        "JournalEntry" => (BillPaymentLinkType::ManualJournal, -amount),
        "Deposit" => (BillPaymentLinkType::Other, -amount),
        other => {
            rows.unknown(
                "quickbooks-unknown-link",
                &wire.id,
                "Line.LinkedTxn.TxnType",
                other,
            );
            (BillPaymentLinkType::Unknown, -amount)
        }
    };
    Ok(Some(BillPaymentLine {
        amount: -amount,
        links: vec![BillPaymentLink {
            kind,
            id: linked.txn_id.clone().map(Into::into),
            amount: Some(amount),
            currency_rate: None,
        }],
        allocated_on_date: Some(wire.date()?),
    }))
}
