//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/payment>

use ledgerline_model::records::{Payment, PaymentLine, PaymentLink, PaymentLinkType, PaymentMethodRef};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::bank_side::{self, Side};
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Line, Transaction};

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let date = wire.date()?;
    let mut lines = Vec::new();
    for line in &wire.line {
        lines.extend(map_line(line, &wire, rows)?);
    }
    if let Some(unapplied) = wire.unapplied_amt.filter(|amount| !amount.is_zero()) {
        lines.push(PaymentLine {
            amount: unapplied,
            links: vec![link(PaymentLinkType::Unlinked, None, -unapplied)],
            allocated_on_date: Some(date),
        });
    }
    let record = Payment {
        id: wire.id.as_str().into(),
        customer_ref: wire
            .customer_ref
            .as_ref()
            .and_then(|customer| customer.customer()),
        account_ref: wire
            .deposit_to_account_ref
            .as_ref()
            .and_then(|account| account.account()),
        payment_method_ref: wire.payment_method_ref.as_ref().and_then(|method| {
            Some(PaymentMethodRef {
                id: method.value.clone()?.into(),
                name: method.name.clone().map(Into::into),
            })
        }),
        total_amount: Some(wire.total()?),
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        date,
        note: wire.note().map(Into::into),
        lines,
        reference: wire.payment_ref_num.as_deref().map(Into::into),
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::Payments, &wire.id, &record, wire.modified())?;
    let side = Side {
        id: format!("payment_{}", wire.id),
        account: wire.deposit_to_account_ref.as_ref(),
        amount: wire.total()?,
        data_type: DataType::Payments,
    };
    bank_side::row(&wire, side, facts, rows)
}

/// What a line pays is negative in its link; a credit that it uses up is money too.
fn map_line(
    line: &Line,
    wire: &Transaction,
    rows: &mut Rows<'_>,
) -> Result<Option<PaymentLine<'static>>, Flaw> {
    let amount = line.amount.ok_or_else(|| Flaw::missing("Line.Amount"))?;
    let Some(linked) = line.linked_txn.first() else {
        return Ok(None);
    };
    let kind = linked.txn_type.as_deref().unwrap_or_default();
    let (kind, amount) = match kind {
        "Invoice" => (PaymentLinkType::Invoice, -amount),
        "CreditMemo" => (PaymentLinkType::CreditNote, amount),
        "JournalEntry" => (PaymentLinkType::ManualJournal, -amount),
        "Expense" | "Check" | "CreditCardCredit" | "Deposit" => (PaymentLinkType::Other, -amount),
        other => {
            rows.unknown(
                "quickbooks-unknown-link",
                &wire.id,
                "Line.LinkedTxn.TxnType",
                other,
            );
            (PaymentLinkType::Unknown, -amount)
        }
    };
    Ok(Some(PaymentLine {
        amount: -amount,
        links: vec![link(kind, linked.txn_id.clone(), amount)],
        allocated_on_date: Some(wire.date()?),
    }))
}

fn link(kind: PaymentLinkType, id: Option<String>, amount: Decimal) -> PaymentLink<'static> {
    PaymentLink {
        kind,
        id: id.map(Into::into),
        amount: Some(amount),
        currency_rate: None,
    }
}
