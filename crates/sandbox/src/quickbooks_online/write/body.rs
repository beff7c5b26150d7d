use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use uuid::Uuid;

use crate::ledger::{Account, ActiveStatus, Contact, Ledger, List};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::json::decimal;

/// A record as it was sent.
#[derive(Clone, Copy)]
pub(super) struct Body<'a>(pub(super) &'a Value);

impl<'a> Body<'a> {
    pub(super) fn text(self, name: &str) -> &'a str {
        self.0[name].as_str().unwrap_or_default().trim()
    }

    pub(super) fn required_text(self, name: &'static str) -> Result<&'a str, Fault> {
        match self.text(name) {
            "" => Err(Fault::missing(name)),
            text => Ok(text),
        }
    }

    /// A text of at most so many signs.
    pub(super) fn short_text(self, name: &'static str, most: usize) -> Result<&'a str, Fault> {
        let text = self.text(name);
        let length = text.chars().count();
        if length > most {
            return Err(Fault::length(name, most, length));
        }
        Ok(text)
    }

    pub(super) fn flag(self, name: &str) -> Option<bool> {
        self.0[name].as_bool()
    }

    pub(super) fn amount(self, name: &'static str) -> Result<Option<Decimal>, Fault> {
        match &self.0[name] {
            Value::Null => Ok(None),
            value => decimal(value)
                .map(Some)
                .ok_or_else(|| Fault::malformed(format!("{name} is no amount"))),
        }
    }

    pub(super) fn date(self, name: &'static str) -> Result<Option<Date>, Fault> {
        match self.text(name) {
            "" => Ok(None),
            text => text
                .get(..10)
                .unwrap_or(text)
                .parse()
                .map(Some)
                .map_err(|_| Fault::malformed(format!("{name}: '{text}' is no date"))),
        }
    }

    /// The id that a reference holds.
    pub(super) fn reference(self, name: &str) -> Option<&'a str> {
        let reference = &self.0[name];
        reference["value"]
            .as_str()
            .or_else(|| reference.as_str())
            .filter(|id| !id.is_empty())
    }

    pub(super) fn part(self, name: &str) -> Body<'a> {
        Body(&self.0[name])
    }

    pub(super) fn list(self, name: &str) -> Vec<Body<'a>> {
        let entries = self.0[name].as_array().into_iter().flatten();
        entries.map(Body).collect()
    }

    /// The account that a reference names, which has to be in use.
    pub(super) fn account<'l>(self, ledger: &'l Ledger, name: &'static str) -> Result<&'l Account, Fault> {
        let id = self.reference(name).ok_or(Fault::missing(name))?;
        let found = parsed(id)
            .and_then(|number| ledger.numbered(List::Accounts, number))
            .and_then(|id| ledger.accounts.get(id))
            .ok_or_else(|| Fault::reference("Accounts", id))?;
        if found.meta.deleted || found.status == ActiveStatus::Archived {
            return Err(Fault::not_found("Account"));
        }
        Ok(found)
    }

    /// The customer or vendor that a reference names, who has to be in use.
    pub(super) fn contact<'l>(self, ledger: &'l Ledger, name: &'static str) -> Result<&'l Contact, Fault> {
        let id = self.reference(name).ok_or(Fault::missing(name))?;
        let found = parsed(id)
            .and_then(|number| ledger.numbered(List::Contacts, number))
            .and_then(|id| ledger.contacts.get(id))
            .filter(|contact| match name {
                "CustomerRef" => contact.is_customer,
                "VendorRef" => contact.is_supplier,
                _ => true,
            })
            .ok_or_else(|| Fault::reference("Names", id))?;
        if found.meta.deleted || found.status == ActiveStatus::Archived {
            return Err(Fault::not_found("Names"));
        }
        Ok(found)
    }

    /// The item that a reference names, which has to be in use; none where none is named.
    pub(super) fn item(self, ledger: &Ledger, name: &'static str) -> Result<Option<Uuid>, Fault> {
        let Some(id) = self.reference(name) else {
            return Ok(None);
        };
        let found = parsed(id)
            .and_then(|number| ledger.numbered(List::Items, number))
            .and_then(|id| ledger.items.get(id))
            .ok_or_else(|| Fault::reference("Items", id))?;
        if found.meta.deleted {
            return Err(Fault::not_found("Item"));
        }
        Ok(Some(found.meta.id))
    }
}

pub(super) fn parsed(id: &str) -> Option<u64> {
    id.parse().ok()
}
