//! <https://developer.xero.com/documentation/api/accounting/purchaseorders>
//!
//! Only the kept source has: `DeliveryInstructions`, `LineAmountTypes`, all of `Contact` but its id and name, `SentToContact`, `BrandingThemeID`, `IsDiscounted`,
//! `HasErrors`, attachments, `Type` (it has one value), and of the lines what `invoices` lists.

use std::borrow::Cow;

use ledgerline_model::records::{
    Address, AddressType, PurchaseOrder, PurchaseOrderStatus, ShipTo, ShipToContact,
};
use ledgerline_model::{DataType, Decimal};
use serde::Deserialize;

use super::dates;
use super::document::{ContactRef, Document, Line, rate};
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "PurchaseOrderID", borrow)]
    id: Str<'a>,
    #[serde(rename = "PurchaseOrderNumber", borrow)]
    number: Option<Str<'a>>,
    #[serde(borrow)]
    reference: Option<Str<'a>>,
    #[serde(borrow)]
    contact: Option<ContactRef<'a>>,
    #[serde(borrow)]
    date_string: Option<Str<'a>>,
    #[serde(borrow)]
    date: Option<Str<'a>>,
    #[serde(borrow)]
    delivery_date_string: Option<Str<'a>>,
    #[serde(borrow)]
    delivery_date: Option<Str<'a>>,
    #[serde(borrow)]
    expected_arrival_date_string: Option<Str<'a>>,
    #[serde(borrow)]
    expected_arrival_date: Option<Str<'a>>,
    #[serde(borrow)]
    currency_code: Option<Str<'a>>,
    currency_rate: Option<Decimal>,
    #[serde(borrow)]
    line_amount_types: Option<Str<'a>>,
    #[serde(default, borrow)]
    line_items: Vec<Line<'a>>,
    #[serde(borrow)]
    delivery_address: Option<Str<'a>>,
    #[serde(borrow)]
    attention_to: Option<Str<'a>>,
    #[serde(borrow)]
    telephone: Option<Str<'a>>,
    sub_total: Option<Decimal>,
    total_tax: Option<Decimal>,
    total: Option<Decimal>,
    total_discount: Option<Decimal>,
    #[serde(borrow)]
    status: Str<'a>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let status = match wire.status.as_str() {
        "DRAFT" | "SUBMITTED" => PurchaseOrderStatus::Draft,
        "AUTHORISED" => PurchaseOrderStatus::Open,
        "BILLED" => PurchaseOrderStatus::Closed,
        "DELETED" => {
            rows.gone(DataType::PurchaseOrders, wire.id.as_str());
            return Ok(());
        }
        other => {
            rows.unknown(
                "xero-unknown-purchase-order-status",
                wire.id.as_str(),
                "Status",
                other,
            );
            PurchaseOrderStatus::Unknown
        }
    };
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let mut document = Document::new(rows, wire.id.as_str(), wire.line_amount_types.as_ref());
    let record = PurchaseOrder {
        id: wire.id.clone().into(),
        purchase_order_number: filled(wire.number),
        supplier_ref: wire.contact.and_then(ContactRef::supplier),
        issue_date: dates::date(wire.date_string.as_ref(), wire.date.as_ref(), "Date")?,
        delivery_date: dates::date(
            wire.delivery_date_string.as_ref(),
            wire.delivery_date.as_ref(),
            "DeliveryDate",
        )?,
        expected_delivery_date: dates::date(
            wire.expected_arrival_date_string.as_ref(),
            wire.expected_arrival_date.as_ref(),
            "ExpectedArrivalDate",
        )?,
        payment_due_date: None,
        currency: filled(wire.currency_code),
        currency_rate: rate(wire.currency_rate),
        line_items: document.payable_lines(wire.line_items),
        ship_to: ship_to(wire.delivery_address, wire.attention_to, wire.telephone),
        note: filled(wire.reference),
        total_discount: wire.total_discount,
        sub_total: wire.sub_total,
        total_tax_amount: wire.total_tax,
        total_amount: wire.total,
        status,
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::PurchaseOrders, wire.id.as_str(), &record, modified)
}

/// Xero's address is free text of several lines: the first is kept apart, what the others are is not known.
fn ship_to<'a>(
    address: Option<Str<'a>>,
    attention_to: Option<Str<'a>>,
    telephone: Option<Str<'a>>,
) -> Option<ShipTo<'a>> {
    let address = filled(address).map(|text| {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let line1 = lines.next().map(|line| Cow::Owned(line.to_owned()));
        let others = lines.collect::<Vec<_>>().join(", ");
        Address {
            kind: AddressType::Delivery,
            line1,
            line2: (!others.is_empty()).then_some(Cow::Owned(others)),
            city: None,
            region: None,
            country: None,
            postal_code: None,
        }
    });
    let (name, phone) = (filled(attention_to), filled(telephone));
    let contact = (name.is_some() || phone.is_some()).then_some(ShipToContact {
        name,
        email: None,
        phone,
    });
    (address.is_some() || contact.is_some()).then_some(ShipTo { address, contact })
}
