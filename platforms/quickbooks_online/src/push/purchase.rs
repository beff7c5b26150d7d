//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/purchase>

use ledgerline_model::push::{ContactKind, Key, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, total};
use serde::Serialize;

use super::account::{self, Ref};
use super::document::Document;
use super::head::{Head, prepared};
use super::line::{self, ExpenseLine};
use super::tax::Taxation;
use super::tracking;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Purchase {
    #[serde(flatten)]
    head: Head,
    /// It has to fit the type of the account.
    payment_type: &'static str,
    account_ref: Ref,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_ref: Option<Ref>,
    /// It came back: cards only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    credit: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    department_ref: Option<Ref>,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_tax_calculation: Option<&'static str>,
    line: Vec<ExpenseLine>,
}

pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
    is_credit: bool,
) -> Result<Prepared, Error> {
    let account = account::of_money(references, &order.bank_account, "bankAccountRef")?;
    let taxation = Taxation::of(order, references)?;
    let line = line::lines(order, references, taxation)?;
    total(order)?;
    let purchase = Purchase {
        head: Head::of(order, key, references, Document::Purchase, replaces)?,
        // `Check` would take the number of a cheque where our key stands.
        payment_type: if account.is_card() { "CreditCard" } else { "Cash" },
        account_ref: account.reference(),
        entity_ref: order.contact.as_ref().map(|contact| Ref {
            value: contact.id.clone(),
            kind: Some(match contact.kind {
                ContactKind::Supplier => "Vendor",
                ContactKind::Customer => "Customer",
            }),
        }),
        credit: is_credit,
        department_ref: tracking::department(order)?,
        global_tax_calculation: taxation.calculation(),
        line,
    };
    prepared(Document::Purchase, replaces, key, &purchase)
}
