//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/purchase>

use ledgerline_model::records::{ContactRef, DirectCost, DirectLine};
use ledgerline_model::{DataType, Decimal};

use super::Facts;
use super::bank_side::{self, Side};
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Ref, Transaction};

pub(super) fn rows(text: &str, facts: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    // What comes back to a card is a negative cost.
    let sign = if wire.credit == Some(true) {
        -Decimal::ONE
    } else {
        Decimal::ONE
    };
    let (total, tax) = (wire.total()? * sign, wire.tax() * sign);
    let record = DirectCost {
        id: wire.id.as_str().into(),
        reference: wire.doc_number.as_deref().map(Into::into),
        note: wire.note().map(Into::into),
        contact_ref: wire.entity_ref.as_ref().and_then(contact),
        issue_date: wire.date()?,
        currency: wire.currency().unwrap_or_default().into(),
        currency_rate: wire.rate(),
        line_items: signed_lines(&wire, sign),
        payment_allocations: Vec::new(),
        sub_total: total - tax,
        tax_amount: tax,
        total_amount: total,
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::DirectCosts, &wire.id, &record, wire.modified())?;
    let side = Side {
        id: format!("purchase_{}", wire.id),
        account: wire.account_ref.as_ref(),
        amount: -total,
        data_type: DataType::DirectCosts,
    };
    bank_side::row(&wire, side, facts, rows)
}

/// The lines of what may be the other way round.
pub(super) fn signed_lines(wire: &Transaction, sign: Decimal) -> Vec<DirectLine<'static>> {
    let mut lines = wire.direct_lines();
    for line in &mut lines {
        line.unit_amount = line.unit_amount * sign;
        line.sub_total = line.sub_total.map(|amount| amount * sign);
    }
    lines
}

/// Somebody who may be a customer or a supplier; employees are neither.
pub(super) fn contact(reference: &Ref) -> Option<ContactRef<'static>> {
    let data_type = match reference.kind.as_deref().map(str::to_ascii_lowercase).as_deref() {
        Some("vendor") => DataType::Suppliers,
        Some("customer") => DataType::Customers,
        Some(_) | None => return None,
    };
    Some(ContactRef {
        id: reference.value.clone()?.into(),
        data_type: Some(data_type),
    })
}
