//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/purchaseorder>

use ledgerline_model::DataType;
use ledgerline_model::records::{AddressType, PurchaseOrder, PurchaseOrderStatus, ShipTo};

use super::Facts;
use super::names::address;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{Transaction, date, filled};

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Transaction = parse(text)?;
    let (total, tax) = (wire.total()?, wire.tax());
    let status = match wire.po_status.as_deref() {
        Some("Open") => PurchaseOrderStatus::Open,
        Some("Closed") => PurchaseOrderStatus::Closed,
        other => {
            rows.unknown(
                "quickbooks-unknown-order-status",
                &wire.id,
                "POStatus",
                other.unwrap_or_default(),
            );
            PurchaseOrderStatus::Unknown
        }
    };
    let record = PurchaseOrder {
        id: wire.id.as_str().into(),
        purchase_order_number: wire.doc_number.as_deref().map(Into::into),
        supplier_ref: wire.vendor_ref.as_ref().and_then(|vendor| vendor.supplier()),
        issue_date: Some(wire.date()?),
        delivery_date: date("DueDate", wire.due_date.as_deref())?,
        expected_delivery_date: None,
        payment_due_date: None,
        currency: wire.currency().map(Into::into),
        currency_rate: wire.rate(),
        line_items: wire.payable_lines(),
        ship_to: wire.ship_addr.as_ref().map(|to| ShipTo {
            address: Some(address(to, AddressType::Delivery)),
            contact: None,
        }),
        note: filled(wire.memo.clone()).map(Into::into),
        total_discount: None,
        sub_total: Some(total - tax),
        total_tax_amount: Some(tax),
        total_amount: Some(total),
        status,
        supplemental_data: None,
        source_modified_date: wire.modified(),
    };
    rows.present(DataType::PurchaseOrders, &wire.id, &record, wire.modified())
}
