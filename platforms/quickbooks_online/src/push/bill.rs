//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/bill>

use ledgerline_model::push::{Key, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, refused, total};
use serde::Serialize;

use super::account::{self, Ref};
use super::document::Document;
use super::head::{Head, prepared};
use super::line::{self, ExpenseLine};
use super::tax::Taxation;
use super::tracking;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Bill {
    #[serde(flatten)]
    head: Head,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    vendor_ref: Ref,
    /// `None`: the company's only one, or the one that it has set.
    #[serde(rename = "APAccountRef", skip_serializing_if = "Option::is_none")]
    ap_account_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_tax_calculation: Option<&'static str>,
    line: Vec<ExpenseLine>,
}

/// What an employee laid out, who is kept as a vendor.
pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    let contact = order
        .contact
        .as_ref()
        .ok_or_else(|| refused("contactRef", "a bill has a vendor"))?;
    let taxation = Taxation::of(order, references)?;
    let line = line::lines(order, references, taxation)?;
    total(order)?;
    // Other accounts than those of payables are not what it is owed on.
    let owed_on = account::find(references, &order.bank_account, "bankAccountRef").ok();
    let bill = Bill {
        head: Head::of(order, key, references, Document::Bill, replaces)?,
        due_date: order.due_date.map(|date| date.to_string()),
        vendor_ref: Ref::to(contact.id.as_str()),
        ap_account_ref: owed_on
            .filter(account::Account::is_payable)
            .map(|account| account.reference()),
        department_ref: tracking::department(order)?,
        global_tax_calculation: taxation.calculation(),
        line,
    };
    prepared(Document::Bill, replaces, key, &bill)
}
