//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/customer> and `…/vendor`

use ledgerline_model::DataType;
use ledgerline_model::records::{Address, AddressType, Customer, Status, Supplier};
use serde::Deserialize;

use super::Facts;
use super::rows::{Flaw, Rows, parse};
use super::transaction::{MetaData, PostalAddress, Ref, filled, instant};

/// A customer or a vendor.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Wire {
    id: String,
    meta_data: Option<MetaData>,
    display_name: Option<String>,
    fully_qualified_name: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    primary_email_addr: Option<Email>,
    primary_phone: Option<Telephone>,
    bill_addr: Option<PostalAddress>,
    ship_addr: Option<PostalAddress>,
    currency_ref: Option<Ref>,
    resale_num: Option<String>,
    primary_tax_identifier: Option<String>,
    tax_identifier: Option<String>,
    active: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Email {
    address: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Telephone {
    free_form_number: Option<String>,
}

pub(super) fn customer_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let record = Customer {
        id: wire.id.as_str().into(),
        customer_name: wire.name().map(Into::into),
        contact_name: wire.contact_name().map(Into::into),
        email_address: wire.email().map(Into::into),
        default_currency: wire.currency().map(Into::into),
        phone: wire.phone().map(Into::into),
        addresses: wire.addresses(),
        contacts: Vec::new(),
        registration_number: None,
        tax_number: filled(wire.resale_num.clone())
            .or_else(|| filled(wire.primary_tax_identifier.clone()))
            .map(Into::into),
        status: status(wire.active),
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Customers, &wire.id, &record, modified)
}

pub(super) fn vendor_rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire = parse(text)?;
    let modified = wire
        .meta_data
        .as_ref()
        .and_then(|meta| instant(meta.last_updated()));
    let record = Supplier {
        id: wire.id.as_str().into(),
        supplier_name: wire.name().map(Into::into),
        contact_name: wire.contact_name().map(Into::into),
        email_address: wire.email().map(Into::into),
        phone: wire.phone().map(Into::into),
        addresses: wire.addresses(),
        registration_number: None,
        tax_number: filled(wire.tax_identifier.clone()).map(Into::into),
        status: status(wire.active),
        default_currency: wire.currency().map(Into::into),
        supplemental_data: None,
        source_modified_date: modified,
    };
    rows.present(DataType::Suppliers, &wire.id, &record, modified)
}

impl Wire {
    fn name(&self) -> Option<String> {
        filled(self.display_name.clone()).or_else(|| filled(self.fully_qualified_name.clone()))
    }

    fn contact_name(&self) -> Option<String> {
        let parts = [self.given_name.as_deref(), self.family_name.as_deref()];
        let parts: Vec<&str> = parts
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }

    fn email(&self) -> Option<String> {
        filled(self.primary_email_addr.as_ref()?.address.clone())
    }

    fn phone(&self) -> Option<String> {
        filled(self.primary_phone.as_ref()?.free_form_number.clone())
    }

    fn currency(&self) -> Option<String> {
        filled(self.currency_ref.as_ref()?.value.clone())
    }

    fn addresses(&self) -> Vec<Address<'static>> {
        let billing = self
            .bill_addr
            .as_ref()
            .map(|found| address(found, AddressType::Billing));
        let delivery = self
            .ship_addr
            .as_ref()
            .map(|found| address(found, AddressType::Delivery));
        billing.into_iter().chain(delivery).collect()
    }
}

pub(super) fn status(active: Option<bool>) -> Status {
    match active {
        Some(true) => Status::Active,
        Some(false) => Status::Archived,
        None => Status::Unknown,
    }
}

pub(super) fn address(wire: &PostalAddress, kind: AddressType) -> Address<'static> {
    let text = |text: &Option<String>| filled(text.clone()).map(Into::into);
    let more: Vec<&str> = [&wire.line2, &wire.line3, &wire.line4]
        .into_iter()
        .filter_map(|line| line.as_deref())
        .filter(|line| !line.is_empty())
        .collect();
    Address {
        kind,
        line1: text(&wire.line1),
        line2: (!more.is_empty()).then(|| more.join(", ").into()),
        city: text(&wire.city),
        region: text(&wire.country_sub_division_code),
        country: text(&wire.country),
        postal_code: text(&wire.postal_code),
    }
}
