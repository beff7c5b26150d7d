//! <https://developer.xero.com/documentation/api/accounting/contacts>

use serde::Serialize;
use uuid::Uuid;

use super::list::text;
use super::question::Question;
use super::resource::{ContactBalances, Cx, Detail, Resource};
use crate::ledger::contact::{AddressKind, PhoneKind};
use crate::ledger::{self, ActiveStatus, Ledger, Table};
use crate::xero::dates::Instant;
use crate::xero::filter::Value;
use crate::xero::number::Number;

impl Resource for ledger::Contact {
    const NAME: &'static str = "Contacts";
    const TYPE: &'static str = "Contact";
    const ID: &'static str = "ContactID";
    const PAGED: bool = true;
    const MODIFIED_SINCE: bool = true;
    type Wire<'a> = Contact<'a>;

    fn table(ledger: &Ledger) -> &Table<Self> {
        &ledger.contacts
    }

    fn is_listed(&self, question: &Question) -> bool {
        let found = |term: &String| {
            [
                &self.name,
                &self.first_name,
                &self.last_name,
                &self.email,
                &self.account_number,
            ]
            .iter()
            .any(|text| text.to_lowercase().contains(term.as_str()))
        };
        (question.include_archived || status(self) == "ACTIVE")
            && question.search_term.as_ref().is_none_or(found)
    }

    fn field<'a>(&'a self, _: &'a Ledger, path: &str) -> Option<Value<'a>> {
        Some(match path {
            "Name" => text(&self.name),
            "FirstName" => text(&self.first_name),
            "LastName" => text(&self.last_name),
            "EmailAddress" => text(&self.email),
            "ContactStatus" => Value::Text(status(self)),
            "AccountNumber" => text(&self.account_number),
            "CompanyNumber" => text(&self.company_number),
            "TaxNumber" => text(&self.tax_number),
            "ContactNumber" => Value::Null,
            "DefaultCurrency" => self.default_currency.as_deref().map_or(Value::Null, Value::Text),
            "IsCustomer" => Value::Bool(self.is_customer),
            "IsSupplier" => Value::Bool(self.is_supplier),
            _ => return None,
        })
    }

    fn wire<'a>(&'a self, cx: &Cx<'a>, detail: Detail) -> Contact<'a> {
        let full = detail != Detail::Summary;
        let balances = if full {
            cx.contact_balances(self.meta.id)
        } else {
            None
        };
        Contact {
            contact_id: self.meta.id,
            contact_status: status(self),
            name: &self.name,
            first_name: &self.first_name,
            last_name: &self.last_name,
            email_address: &self.email,
            bank_account_details: &self.bank_account,
            account_number: &self.account_number,
            company_number: &self.company_number,
            tax_number: &self.tax_number,
            addresses: full.then(|| addresses(&self.addresses)),
            phones: full.then(|| phones(&self.phones)),
            updated: Instant(self.meta.updated_at),
            contact_groups: [],
            is_supplier: self.is_supplier,
            is_customer: self.is_customer,
            default_currency: self.default_currency.as_deref(),
            balances: balances.map(Balances::from),
            contact_persons: [],
            has_attachments: cx.ledger.has_attachments(self.meta.id),
            has_validation_errors: false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Contact<'a> {
    #[serde(rename = "ContactID")]
    contact_id: Uuid,
    contact_status: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    first_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    last_name: &'a str,
    email_address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    bank_account_details: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    account_number: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    company_number: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    tax_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    addresses: Option<Vec<Address<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phones: Option<Vec<Phone<'a>>>,
    #[serde(rename = "UpdatedDateUTC")]
    updated: Instant,
    contact_groups: [u8; 0],
    is_supplier: bool,
    is_customer: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_currency: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    balances: Option<Balances>,
    contact_persons: [u8; 0],
    has_attachments: bool,
    has_validation_errors: bool,
}

/// The contact within a document: who it is, and nothing more.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ContactOf<'a> {
    #[serde(rename = "ContactID")]
    contact_id: Uuid,
    name: &'a str,
    addresses: [u8; 0],
    phones: [u8; 0],
    contact_groups: [u8; 0],
    contact_persons: [u8; 0],
    has_validation_errors: bool,
}

impl<'a> ContactOf<'a> {
    pub(super) fn find(ledger: &'a Ledger, contact: Uuid) -> Self {
        Self {
            contact_id: contact,
            name: ledger.contacts.get(contact).map_or("", |found| &found.name),
            addresses: [],
            phones: [],
            contact_groups: [],
            contact_persons: [],
            has_validation_errors: false,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Address<'a> {
    address_type: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_line1: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    address_line2: &'a str,
    city: &'a str,
    region: &'a str,
    postal_code: &'a str,
    country: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Phone<'a> {
    phone_type: &'static str,
    phone_number: &'a str,
    phone_area_code: &'a str,
    phone_country_code: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Balances {
    accounts_receivable: Balance,
    accounts_payable: Balance,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Balance {
    outstanding: Number,
    overdue: Number,
}

impl From<ContactBalances> for Balances {
    fn from(balances: ContactBalances) -> Self {
        Self {
            accounts_receivable: Balance {
                outstanding: Number(balances.receivable.outstanding),
                overdue: Number(balances.receivable.overdue),
            },
            accounts_payable: Balance {
                outstanding: Number(balances.payable.outstanding),
                overdue: Number(balances.payable.overdue),
            },
        }
    }
}

/// Both kinds are always there, empty if nothing is known.
pub(super) fn addresses(addresses: &[ledger::Address]) -> Vec<Address<'_>> {
    [("POBOX", AddressKind::Postal), ("STREET", AddressKind::Street)]
        .into_iter()
        .map(|(address_type, kind)| {
            let found = addresses.iter().find(|address| address.kind == kind);
            let part = |of: fn(&ledger::Address) -> &str| found.map_or("", of);
            Address {
                address_type,
                address_line1: part(|address| &address.line1),
                address_line2: part(|address| &address.line2),
                city: part(|address| &address.city),
                region: part(|address| &address.region),
                postal_code: part(|address| &address.postal_code),
                country: part(|address| &address.country),
            }
        })
        .collect()
}

/// All four kinds are always there, empty if nothing is known.
pub(super) fn phones(phones: &[ledger::Phone]) -> Vec<Phone<'_>> {
    [
        ("DDI", PhoneKind::Direct),
        ("DEFAULT", PhoneKind::Default),
        ("FAX", PhoneKind::Fax),
        ("MOBILE", PhoneKind::Mobile),
    ]
    .into_iter()
    .map(|(phone_type, kind)| {
        let found = phones.iter().find(|phone| phone.kind == kind);
        let part = |of: fn(&ledger::Phone) -> &str| found.map_or("", of);
        Phone {
            phone_type,
            phone_number: part(|phone| &phone.number),
            phone_area_code: part(|phone| &phone.area_code),
            phone_country_code: part(|phone| &phone.country_code),
        }
    })
    .collect()
}

/// Contacts are never deleted at Xero: the nearest is the archive.
fn status(contact: &ledger::Contact) -> &'static str {
    match (contact.meta.deleted, contact.status) {
        (false, ActiveStatus::Active) => "ACTIVE",
        (true, _) | (_, ActiveStatus::Archived) => "ARCHIVED",
    }
}
