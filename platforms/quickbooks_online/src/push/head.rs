use ledgerline_model::Decimal;
use ledgerline_model::push::{Key, Leg, Order};
use ledgerline_platform::Error;
use ledgerline_platform::push::{Posted, Prepared, References, Request, choice, refused, text};
use serde::Serialize;

use super::account::Ref;
use super::document::Document;

/// What every transaction says of itself.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Head {
    /// Of one that is changed: its id, and the version that we know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sync_token: Option<String>,
    txn_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_number: Option<String>,
    private_note: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency_ref: Option<Ref>,
    /// Units of the company's currency for one of the transaction's.
    #[serde(skip_serializing_if = "Option::is_none")]
    exchange_rate: Option<Decimal>,
}

impl Head {
    pub(super) fn of(
        order: &Order,
        key: &Key,
        references: &References,
        document: Document,
        replaces: Option<&Posted>,
    ) -> Result<Self, Error> {
        if replaces.is_some_and(|posted| posted.object != document.entity()) {
            return Err(refused(
                "type",
                "what it was booked as cannot become a transaction of another kind",
            ));
        }
        let is_foreign = references
            .base_currency
            .as_ref()
            .is_some_and(|base| *base != order.currency);
        let private_note = if document.is_numbered() {
            text::of_order(order)
        } else {
            text::marked(order, key.as_str())
        };
        Ok(Self {
            id: replaces.map(|posted| posted.id.clone()),
            sync_token: replaces.map(|posted| posted.version.clone().unwrap_or_else(|| "0".into())),
            txn_date: order.date.to_string(),
            doc_number: document.is_numbered().then(|| key.as_str().to_owned()),
            private_note,
            currency_ref: is_foreign.then(|| Ref::to(order.currency.as_str())),
            exchange_rate: order.currency_rate.filter(|_| is_foreign),
        })
    }
}

/// The one request of a transaction.
pub(super) fn prepared(
    document: Document,
    replaces: Option<&Posted>,
    key: &Key,
    body: &impl Serialize,
) -> Result<Prepared, Error> {
    let body = serde_json::to_string(body).map_err(|_| Error::Malformed {
        reason: "the transaction cannot be written".into(),
    })?;
    let operation = replaces.map(|_| ("operation".to_owned(), "update".to_owned()));
    Ok(Prepared {
        leg: Leg::Expense,
        requests: vec![Request {
            method: "POST".into(),
            path: document.path(),
            query: operation.into_iter().collect(),
            body,
        }],
        choices: vec![
            choice(
                "type",
                document.entity(),
                "QuickBooks' transaction for this type of expense",
            ),
            choice(
                if document.is_numbered() {
                    "docNumber"
                } else {
                    "privateNote"
                },
                key.as_str(),
                "our key, by which it is found again",
            ),
        ],
    })
}
