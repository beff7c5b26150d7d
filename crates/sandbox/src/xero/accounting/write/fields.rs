use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use uuid::Uuid;

use super::{New, is_active};
use crate::ledger::{Account, AccountKind, Contact, Ledger};
use crate::xero::amount::Amount;
use crate::xero::ids;

/// A date as it is sent: `2026-10-05`, the same with a time, or `/Date(…)/`.
#[derive(Clone, Copy)]
pub(super) struct Day(pub(super) Date);

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let ticks = text
            .strip_prefix("/Date(")
            .and_then(|rest| rest.split(['+', ')']).next())
            .and_then(|milliseconds| milliseconds.parse().ok())
            .and_then(|milliseconds| jiff::Timestamp::from_millisecond(milliseconds).ok())
            .map(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date());
        ticks
            .or_else(|| text.parse().ok())
            .or_else(|| text.parse::<DateTime>().ok().map(|at| at.date()))
            .map(Self)
            .ok_or_else(|| de::Error::custom(format_args!("`{text}` is not a date")))
    }
}

/// An account by id or code.
#[derive(Deserialize, Default)]
pub(super) struct AccountRef {
    #[serde(rename = "AccountID")]
    pub(super) id: Option<Uuid>,
    #[serde(rename = "Code")]
    pub(super) code: Option<String>,
}

/// A contact by id or name.
#[derive(Deserialize)]
pub(super) struct ContactRef {
    #[serde(rename = "ContactID")]
    id: Option<Uuid>,
    #[serde(rename = "Name")]
    name: Option<String>,
}

impl AccountRef {
    pub(super) fn find<'a>(&self, ledger: &'a Ledger) -> Option<&'a Account> {
        match (self.id, &self.code) {
            (Some(id), _) => ledger.accounts.get(id),
            (None, Some(code)) => ledger.account_by_code(code),
            (None, None) => None,
        }
    }

    /// The bank account that is meant.
    pub(super) fn bank<'a>(&self, ledger: &'a Ledger, field: &str) -> Result<&'a Account, String> {
        let account = self
            .find(ledger)
            .ok_or_else(|| format!("The {field} could not be found."))?;
        if account.kind != AccountKind::Bank {
            return Err(format!("The {field} `{}` is not of type BANK.", account.name));
        }
        if !is_active(account.status) || account.meta.deleted {
            return Err(format!("The {field} `{}` is archived.", account.name));
        }
        Ok(account)
    }
}

impl ContactRef {
    /// The contact that is meant, and itself where nobody has its name yet.
    pub(super) fn find_or_make(&self, ledger: &Ledger, new: New) -> Result<(Uuid, Option<Contact>), String> {
        let found = match (self.id, &self.name) {
            (Some(id), _) => ledger.contacts.get(id),
            (None, Some(name)) => ledger.contacts.iter().find(|contact| contact.name == *name),
            (None, None) => return Err("A contact must be given by ContactID or Name.".to_owned()),
        };
        match (found, &self.name) {
            (Some(contact), _) if !is_active(contact.status) => {
                Err(format!("The contact `{}` is archived.", contact.name))
            }
            (Some(contact), _) => Ok((contact.meta.id, None)),
            (None, Some(name)) if self.id.is_none() && !name.trim().is_empty() => {
                // The same for the same name, so that two documents of one call make one contact.
                let id = ids::derived("contact", &format!("{}/{name}", ledger.facts.id));
                Ok((id, Some(super::contacts::named(id, name, new.at))))
            }
            (None, _) => Err("The contact could not be found.".to_owned()),
        }
    }
}

/// Foreign units per base unit: what was sent, else what the books used last.
pub(super) fn currency_rate(ledger: &Ledger, currency: &str, sent: Option<Amount>) -> Decimal {
    if currency == ledger.facts.base_currency {
        return Decimal::ONE;
    }
    let used = |found: Option<Decimal>| found.filter(|rate| *rate > Decimal::ZERO);
    used(sent.map(|amount| amount.0))
        .or_else(|| {
            let mut money = ledger.bank_transactions.iter().rev();
            used(
                money
                    .find(|money| money.currency == currency)
                    .map(|money| money.currency_rate),
            )
        })
        .or_else(|| {
            let mut invoices = ledger.invoices.iter().rev();
            used(
                invoices
                    .find(|invoice| invoice.currency == currency)
                    .map(|invoice| invoice.currency_rate),
            )
        })
        .unwrap_or(Decimal::ONE)
}

/// The rate of a tax code in percent.
pub(super) fn tax_rate(ledger: &Ledger, code: &str) -> Result<Decimal, String> {
    ledger
        .tax_rate_by_code(code)
        .filter(|rate| is_active(rate.status) && !rate.meta.deleted)
        .map(|rate| rate.effective_rate)
        .ok_or_else(|| format!("The TaxType code `{code}` does not exist or cannot be used."))
}
