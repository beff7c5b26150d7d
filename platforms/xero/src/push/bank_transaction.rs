//! <https://developer.xero.com/documentation/api/accounting/banktransactions>

use ledgerline_model::push::{Key, Leg, Order};
use ledgerline_model::{DataType, Decimal};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, choice, refused, total};
use serde::Serialize;

use super::account::AccountRef;
use super::document::Document;
use super::line::{self, LineItem};
use super::{account, amount, request};

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankTransactions<'a> {
    bank_transactions: [BankTransaction<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct BankTransaction<'a> {
    #[serde(rename = "BankTransactionID", skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "Type")]
    kind: &'static str,
    status: &'static str,
    contact: ContactRef<'a>,
    bank_account: AccountRef<'a>,
    date: String,
    reference: &'a str,
    /// Without it Xero takes its own of the day.
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_rate: Option<Decimal>,
    line_amount_types: &'static str,
    line_items: Vec<LineItem>,
}

#[derive(Serialize)]
struct ContactRef<'a> {
    #[serde(rename = "ContactID")]
    id: &'a str,
}

/// Money spent or received; `replaces` is the one that is changed into it.
pub(super) fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    if order.is_draft {
        return Err(refused(
            "postAsDraft",
            "Xero has no drafts of spend and receive money",
        ));
    }
    let bank = account::bank(references, &order.bank_account, "bankAccountRef")?;
    let contact = order
        .contact
        .as_ref()
        .ok_or_else(|| refused("contactRef", "Xero wants a contact"))?;
    let line_items = line::items(order, references)?;
    total(order)?;
    let (kind, data_type) = if order.kind.is_income() {
        ("RECEIVE", DataType::DirectIncomes)
    } else {
        ("SPEND", DataType::DirectCosts)
    };
    if let Some(posted) = replaces
        && (posted.object != Document::BankTransaction.object()
            || posted
                .data_type
                .as_deref()
                .is_some_and(|was| was != data_type.key()))
    {
        return Err(refused(
            "type",
            "money that was spent cannot become money received, nor the other way round",
        ));
    }
    let is_foreign = bank.currency_code.is_some() && bank.currency_code != references.base_currency;
    let currency_rate = amount::rate(order.currency_rate.filter(|_| is_foreign));
    let document = BankTransaction {
        id: replaces.map(|posted| posted.id.as_str()),
        kind,
        status: "AUTHORISED",
        contact: ContactRef { id: &contact.id },
        bank_account: AccountRef { id: &bank.id },
        date: amount::day(order.date),
        reference: key.as_str(),
        currency_rate,
        line_amount_types: "Exclusive",
        line_items,
    };
    let path = Document::BankTransaction.path();
    let (method, path) = match replaces {
        None => ("PUT", path),
        Some(posted) => ("POST", format!("{path}/{}", posted.id)),
    };
    let body = BankTransactions {
        bank_transactions: [document],
    };
    let query = [("summarizeErrors", "false"), ("unitdp", "4")];
    let mut choices = vec![
        choice("type", kind, "Xero's bank transaction for this type of expense"),
        choice("reference", key.as_str(), "our key, by which it is found again"),
    ];
    if let Some(currency) = &bank.currency_code {
        choices.push(choice("currency", currency, "the bank account's"));
    }
    Ok(Prepared {
        leg: Leg::Expense,
        requests: vec![request(method, path, &query, &body)?],
        choices,
    })
}
