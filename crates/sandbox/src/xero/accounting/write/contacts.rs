use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{Change, New, Writable};
use crate::ledger::{ActiveStatus, Contact, Ledger, Meta, Table};

/// A contact as it is sent: what of it this simulator keeps.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Sent {
    #[serde(rename = "ContactID")]
    id: Option<Uuid>,
    name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    email_address: Option<String>,
    account_number: Option<String>,
    tax_number: Option<String>,
    company_number: Option<String>,
    default_currency: Option<String>,
    contact_status: Option<String>,
}

impl Writable for Contact {
    type Sent = Sent;

    fn id_of(sent: &Sent) -> Option<Uuid> {
        sent.id
    }

    fn build(ledger: &Ledger, sent: Sent, old: Option<&Self>, new: New) -> Result<Change<Self>, Vec<String>> {
        let mut contact = match old {
            None => named(new.id, "", new.at),
            Some(old) => {
                let mut contact = old.clone();
                contact.meta.touch(new.at);
                contact
            }
        };
        fill(ledger, &mut contact, sent)?;
        if contact.name.is_empty() {
            return Err(vec!["The contact name must not be empty.".to_owned()]);
        }
        Ok(contact.into())
    }

    fn table_mut(ledger: &mut Ledger) -> &mut Table<Self> {
        &mut ledger.contacts
    }
}

/// A contact of whom no more is known than the name.
pub(super) fn named(id: Uuid, name: &str, at: Timestamp) -> Contact {
    Contact {
        meta: Meta::new(id, at),
        name: name.to_owned(),
        first_name: String::new(),
        last_name: String::new(),
        email: String::new(),
        status: ActiveStatus::Active,
        is_customer: false,
        is_supplier: false,
        account_number: String::new(),
        tax_number: String::new(),
        company_number: String::new(),
        default_currency: None,
        bank_account: String::new(),
        addresses: Vec::new(),
        phones: Vec::new(),
    }
}

fn fill(ledger: &Ledger, contact: &mut Contact, sent: Sent) -> Result<(), Vec<String>> {
    if let Some(name) = sent.name {
        let name = name.trim().to_owned();
        let taken = ledger
            .contacts
            .iter()
            .any(|other| other.name == name && other.meta.id != contact.meta.id);
        if taken {
            return Err(vec![format!(
                "The contact name {name} is already assigned to another contact."
            )]);
        }
        contact.name = name;
    }
    let fields = [
        (&mut contact.first_name, sent.first_name),
        (&mut contact.last_name, sent.last_name),
        (&mut contact.email, sent.email_address),
        (&mut contact.account_number, sent.account_number),
        (&mut contact.tax_number, sent.tax_number),
        (&mut contact.company_number, sent.company_number),
    ];
    for (field, sent) in fields {
        if let Some(sent) = sent {
            *field = sent;
        }
    }
    if sent.default_currency.is_some() {
        contact.default_currency = sent.default_currency;
    }
    match sent.contact_status.as_deref() {
        None => {}
        Some("ACTIVE") => contact.status = ActiveStatus::Active,
        Some("ARCHIVED") => contact.status = ActiveStatus::Archived,
        Some(_) => return Err(vec!["ContactStatus takes ACTIVE or ARCHIVED.".to_owned()]),
    }
    Ok(())
}
