//! Writing: an order becomes one document of Xero's, which bears our key.
//!
//! <https://developer.xero.com/documentation/api/accounting/overview>

/// Xero's writing side as data.
mod about;
/// What of the books a document refers to, in Xero's words.
mod account;
/// Amounts as Xero keeps them.
mod amount;
/// Files beside a document.
mod attach;
/// Payments, refunds, rewards, chargebacks, adjustments of bank accounts.
mod bank_transaction;
/// Transfers.
mod bank_transfer;
/// One request that writes, and what its answer means.
mod call;
/// The kinds of document, by the names of their endpoints.
mod document;
/// What an earlier request left behind.
mod find;
/// Lines of documents.
mod line;
/// Adjustments of accounts that are no bank accounts.
mod manual_journal;
/// What an order refers to, as it is now.
mod references;
/// A document is written, and judged by its answer.
mod send;
/// Lines of a bank feed.
mod statement;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use ledgerline_model::DataType;
use ledgerline_model::push::{ExpenseKind, Key, Leg, Order};
use ledgerline_platform::push::{
    Books, File, Named, Posted, Prepared, Push, PushAbout, References, Request, Written, refused,
};
use ledgerline_platform::{Cx, Error, Read, Row};

use document::Document;

/// The writing side of the connector.
pub(crate) struct XeroPush;

#[async_trait]
impl Push for XeroPush {
    fn about(&self) -> &'static PushAbout {
        &about::ABOUT
    }

    async fn references(&self, cx: &Cx, books: &Books<'_>, wanted: &[Named]) -> Result<References, Error> {
        references::references(cx, books, wanted).await
    }

    fn prepare(&self, order: &Order, key: &Key, references: &References) -> Result<Prepared, Error> {
        match order.leg {
            Leg::BankFeed => statement::prepare(order, key, references),
            Leg::Expense => match order.kind {
                ExpenseKind::Payment
                | ExpenseKind::Refund
                | ExpenseKind::Reward
                | ExpenseKind::Chargeback => bank_transaction::prepare(order, key, references, None),
                ExpenseKind::TransferIn | ExpenseKind::TransferOut => {
                    bank_transfer::prepare(order, key, references)
                }
                ExpenseKind::AdjustmentIn | ExpenseKind::AdjustmentOut => {
                    if account::find(references, &order.bank_account, "bankAccountRef")?.is_bank() {
                        bank_transaction::prepare(order, key, references, None)
                    } else {
                        manual_journal::prepare(order, key, references)
                    }
                }
                ExpenseKind::Reimbursement => Err(refused(
                    "type",
                    "Xero is not given reimbursements: they would be bills of employees",
                )),
            },
        }
    }

    fn prepare_update(
        &self,
        order: &Order,
        posted: &Posted,
        key: &Key,
        references: &References,
    ) -> Result<Prepared, Error> {
        bank_transaction::prepare(order, key, references, Some(posted))
    }

    async fn send(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Written, Error> {
        match prepared.leg {
            Leg::BankFeed => statement::send(cx, books, prepared, key).await,
            Leg::Expense => send::send(cx, books, prepared, key).await,
        }
    }

    async fn poll(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        _: &Prepared,
        reference: &str,
    ) -> Result<Written, Error> {
        statement::poll(cx, books, reference).await
    }

    async fn find(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Option<Written>, Error> {
        match prepared.leg {
            // Statements cannot be searched by what is in them. Sent again, a line that was delivered is refused as
            // a duplicate, which says that it is there.
            Leg::BankFeed => Ok(None),
            Leg::Expense => find::find(cx, books, prepared, key).await,
        }
    }

    async fn read_back(&self, cx: &Cx, books: &Books<'_>, posted: &Posted) -> Result<Vec<Row>, Error> {
        let Some(document) = Document::of_object(&posted.object) else {
            return Ok(Vec::new());
        };
        let read = reading(books, document.endpoint(), document.data_types());
        crate::pull::object::by_id(cx, &read, &posted.id).await
    }

    /// Only bank transactions are many, and can be asked for by their ids.
    async fn read_back_listed(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        posted: &[Posted],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let document = Document::BankTransaction;
        let of_kind = posted
            .iter()
            .filter(|posted| Document::of_object(&posted.object) == Some(document));
        let ids: Vec<&str> = of_kind.map(|posted| posted.id.as_str()).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let read = reading(books, document.endpoint(), document.data_types());
        Ok(vec![
            crate::pull::object::by_ids(cx, &read, "BankTransactionID", &ids).await?,
        ])
    }

    async fn attach(&self, cx: &Cx, books: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error> {
        attach::attach(cx, books, posted, file).await
    }
}

/// These books, as those who read them need it said.
fn reading<'a>(books: &Books<'a>, feed: &'a str, wanted: &'a [DataType]) -> Read<'a> {
    Read {
        access_token: books.access_token,
        organisation: books.organisation,
        feed,
        wanted,
        since: None,
        statement_months: 0,
        window: &ledgerline_model::Window::ALL,
    }
}

/// A request that creates, or changes, one document.
fn request(
    method: &str,
    path: String,
    query: &[(&str, &str)],
    body: &impl serde::Serialize,
) -> Result<Request, Error> {
    let body = serde_json::to_string(body).map_err(|_| Error::Malformed {
        reason: "the document cannot be written".into(),
    })?;
    Ok(Request {
        method: method.to_owned(),
        path,
        query: query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body,
    })
}
