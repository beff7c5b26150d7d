//! <https://developer.xero.com/documentation/api/accounting/contacts>
//!
//! A contact is a customer, a supplier, both, or neither yet: the latter is in both lists, with its flags in
//! `supplementalData`. Only the kept source has: `ContactNumber`, `AccountNumber`, `MergedToContactID`,
//! `BankAccountDetails`, `BatchPayments`, `TaxNumberType`, default tax types, accounts, line amount types and
//! tracking, `XeroNetworkKey`, `PaymentTerms`, `ContactGroups`, `Website`, `BrandingTheme`, `Discount`,
//! `Balances`, attachments, `HasValidationErrors`, phones beside the main one, `Addresses.AttentionTo`,
//! `ContactPersons.IncludeInEmails`; and for suppliers `ContactPersons`.

use std::collections::BTreeMap;

use ledgerline_model::DataType;
use ledgerline_model::records::{
    Address, AddressType, Contact, Customer, Status, SupplementalData, SupplementalValue, Supplier, Text,
};
use serde::Deserialize;

use super::dates;
use super::facts::Facts;
use super::rows::{Flaw, Rows, parse};
use super::text::{Str, filled, joined};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "ContactID", borrow)]
    id: Str<'a>,
    #[serde(rename = "ContactStatus", borrow)]
    status: Str<'a>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    first_name: Option<Str<'a>>,
    #[serde(borrow)]
    last_name: Option<Str<'a>>,
    #[serde(borrow)]
    email_address: Option<Str<'a>>,
    #[serde(borrow)]
    company_number: Option<Str<'a>>,
    #[serde(borrow)]
    tax_number: Option<Str<'a>>,
    #[serde(borrow)]
    default_currency: Option<Str<'a>>,
    is_customer: Option<bool>,
    is_supplier: Option<bool>,
    #[serde(default, borrow)]
    phones: Vec<PhoneWire<'a>>,
    #[serde(default, borrow)]
    addresses: Vec<AddressWire<'a>>,
    #[serde(default, borrow)]
    contact_persons: Vec<Person<'a>>,
    #[serde(rename = "UpdatedDateUTC", borrow)]
    updated_date_utc: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PhoneWire<'a> {
    #[serde(rename = "PhoneType", borrow)]
    kind: Option<Str<'a>>,
    #[serde(rename = "PhoneCountryCode", borrow)]
    country: Option<Str<'a>>,
    #[serde(rename = "PhoneAreaCode", borrow)]
    area: Option<Str<'a>>,
    #[serde(rename = "PhoneNumber", borrow)]
    number: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AddressWire<'a> {
    #[serde(rename = "AddressType", borrow)]
    kind: Option<Str<'a>>,
    #[serde(rename = "AddressLine1", borrow)]
    line1: Option<Str<'a>>,
    #[serde(rename = "AddressLine2", borrow)]
    line2: Option<Str<'a>>,
    #[serde(rename = "AddressLine3", borrow)]
    line3: Option<Str<'a>>,
    #[serde(rename = "AddressLine4", borrow)]
    line4: Option<Str<'a>>,
    #[serde(borrow)]
    city: Option<Str<'a>>,
    #[serde(borrow)]
    region: Option<Str<'a>>,
    #[serde(borrow)]
    postal_code: Option<Str<'a>>,
    #[serde(borrow)]
    country: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Person<'a> {
    #[serde(borrow)]
    first_name: Option<Str<'a>>,
    #[serde(borrow)]
    last_name: Option<Str<'a>>,
    #[serde(borrow)]
    email_address: Option<Str<'a>>,
}

pub(super) fn rows(text: &str, _: &Facts, rows: &mut Rows<'_>) -> Result<(), Flaw> {
    let wire: Wire<'_> = parse(text)?;
    let status = match wire.status.as_str() {
        "ACTIVE" => Status::Active,
        // Someone who asked to be forgotten can no longer be used either.
        "ARCHIVED" | "GDPRREQUEST" => Status::Archived,
        other => {
            rows.unknown(
                "xero-unknown-contact-status",
                wire.id.as_str(),
                "ContactStatus",
                other,
            );
            Status::Unknown
        }
    };
    let modified = dates::modified(wire.updated_date_utc.as_ref())?;
    let id = wire.id.as_str();
    let (is_customer, is_supplier) = (
        wire.is_customer.unwrap_or_default(),
        wire.is_supplier.unwrap_or_default(),
    );
    let is_neither = !is_customer && !is_supplier;
    let flags = flags(is_customer, is_supplier);
    let contact_name = joined([wire.first_name, wire.last_name], " ");
    let phone = main_phone(wire.phones);
    let addresses = wire.addresses.into_iter().filter_map(address).collect::<Vec<_>>();
    let email = filled(wire.email_address);
    let (name, currency) = (filled(wire.name), filled(wire.default_currency));
    let (registration, tax_number) = (filled(wire.company_number), filled(wire.tax_number));
    if !is_customer && !is_neither {
        rows.gone(DataType::Customers, id);
    } else if rows.wants(DataType::Customers) {
        let customer = Customer {
            id: id.into(),
            customer_name: name.clone(),
            contact_name: contact_name.clone(),
            email_address: email.clone(),
            default_currency: currency.clone(),
            phone: phone.clone(),
            addresses: addresses.clone(),
            contacts: wire
                .contact_persons
                .into_iter()
                .map(|it| person(it, status))
                .collect(),
            registration_number: registration.clone(),
            tax_number: tax_number.clone(),
            status,
            supplemental_data: Some(flags.clone()),
            source_modified_date: modified,
        };
        rows.present(DataType::Customers, id, &customer, modified)?;
    }
    if !is_supplier && !is_neither {
        rows.gone(DataType::Suppliers, id);
    } else if rows.wants(DataType::Suppliers) {
        let supplier = Supplier {
            id: id.into(),
            supplier_name: name,
            contact_name,
            email_address: email,
            phone,
            addresses,
            registration_number: registration,
            tax_number,
            status,
            default_currency: currency,
            supplemental_data: Some(flags),
            source_modified_date: modified,
        };
        rows.present(DataType::Suppliers, id, &supplier, modified)?;
    }
    Ok(())
}

fn flags<'a>(is_customer: bool, is_supplier: bool) -> SupplementalData<'a> {
    let fields = BTreeMap::from([
        ("IsCustomer", SupplementalValue::Flag(is_customer)),
        ("IsSupplier", SupplementalValue::Flag(is_supplier)),
    ]);
    SupplementalData {
        content: BTreeMap::from([("Contacts", fields)]),
    }
}

/// The number to call: Xero's default one, else the direct one, else the mobile.
fn main_phone(phones: Vec<PhoneWire<'_>>) -> Option<Text<'_>> {
    let rank = |kind: &str| {
        ["DEFAULT", "OFFICE", "DDI", "MOBILE"]
            .iter()
            .position(|known| *known == kind)
    };
    phones
        .into_iter()
        .filter(|phone| {
            phone
                .number
                .as_ref()
                .is_some_and(|number| !number.as_str().is_empty())
        })
        .filter_map(|phone| Some((rank(phone.kind.as_ref()?.as_str())?, phone)))
        .min_by_key(|(rank, _)| *rank)
        .and_then(|(_, phone)| joined([phone.country, phone.area, phone.number], " "))
}

/// Xero sends an empty address of each kind; those are none.
fn address(wire: AddressWire<'_>) -> Option<Address<'_>> {
    let address = Address {
        kind: match wire.kind.as_ref().map(Str::as_str) {
            Some("POBOX") => AddressType::Billing,
            Some("STREET" | "DELIVERY") => AddressType::Delivery,
            _ => AddressType::Unknown,
        },
        line1: filled(wire.line1),
        line2: joined([wire.line2, wire.line3, wire.line4], ", "),
        city: filled(wire.city),
        region: filled(wire.region),
        country: filled(wire.country),
        postal_code: filled(wire.postal_code),
    };
    let is_empty = [
        &address.line1,
        &address.line2,
        &address.city,
        &address.region,
        &address.country,
        &address.postal_code,
    ]
    .iter()
    .all(|part| part.is_none());
    (!is_empty).then_some(address)
}

fn person(wire: Person<'_>, status: Status) -> Contact<'_> {
    Contact {
        name: joined([wire.first_name, wire.last_name], " "),
        email: filled(wire.email_address),
        phone: Vec::new(),
        address: None,
        status,
    }
}
