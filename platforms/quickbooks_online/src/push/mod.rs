//! Writing: an order becomes one transaction of QuickBooks', which bears our key.
//!
//! <https://developer.intuit.com/app/developer/qbo/docs/api/accounting/all-entities/purchase>

/// The writing side of QuickBooks Online as data.
mod about;
/// What of the books a transaction refers to, in QuickBooks' words.
mod account;
/// Files beside a transaction.
mod attach;
/// Reimbursements.
mod bill;
/// Money that comes to a bank account.
mod deposit;
/// The kinds of transaction, by the names of their entities.
mod document;
/// What an earlier request left behind.
mod find;
/// What every transaction says of itself.
mod head;
/// Adjustments.
mod journal_entry;
/// Lines of purchases and bills.
mod line;
/// Payments, and what goes back to a card.
mod purchase;
/// What an order refers to, as it is now.
mod references;
/// A transaction is written, and judged by its answer.
mod send;
/// How tax is told.
mod tax;
/// Classes, locations, customers.
mod tracking;
/// Transfers.
mod transfer;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use ledgerline_model::DataType;
use ledgerline_model::push::{ExpenseKind, Key, Leg, Order};
use ledgerline_platform::push::{
    Books, File, Named, Posted, Prepared, Push, PushAbout, References, Written, refused,
};
use ledgerline_platform::{Cx, Error, Read, Row};

use document::Document;

/// The writing side of the connector.
pub(crate) struct QuickBooksPush;

#[async_trait]
impl Push for QuickBooksPush {
    fn about(&self) -> &'static PushAbout {
        &about::ABOUT
    }

    async fn references(&self, cx: &Cx, books: &Books<'_>, wanted: &[Named]) -> Result<References, Error> {
        references::references(cx, books, wanted).await
    }

    fn prepare(&self, order: &Order, key: &Key, references: &References) -> Result<Prepared, Error> {
        prepare(order, key, references, None)
    }

    fn prepare_update(
        &self,
        order: &Order,
        posted: &Posted,
        key: &Key,
        references: &References,
    ) -> Result<Prepared, Error> {
        prepare(order, key, references, Some(posted))
    }

    async fn send(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Written, Error> {
        send::send(cx, books, prepared, key).await
    }

    async fn poll(&self, _: &Cx, _: &Books<'_>, _: &Prepared, _: &str) -> Result<Written, Error> {
        Err(Error::Unsupported {
            what: "writes that are decided later".into(),
        })
    }

    async fn find(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Option<Written>, Error> {
        let found = find::find(cx, books, prepared, key).await?;
        Ok(found.map(Written::Posted))
    }

    async fn read_back(&self, cx: &Cx, books: &Books<'_>, posted: &Posted) -> Result<Vec<Row>, Error> {
        let Some(document) = Document::of_object(&posted.object) else {
            return Ok(Vec::new());
        };
        let read = reading(books, document.entity(), document.data_types());
        crate::pull::object::by_id(cx, &read, &posted.id).await
    }

    async fn read_back_listed(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        posted: &[Posted],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut lists = Vec::new();
        for document in Document::ALL {
            let of_kind = posted
                .iter()
                .filter(|posted| Document::of_object(&posted.object) == Some(document));
            let ids: Vec<&str> = of_kind.map(|posted| posted.id.as_str()).collect();
            if !ids.is_empty() {
                let read = reading(books, document.entity(), document.data_types());
                lists.push(crate::pull::object::by_ids(cx, &read, &ids).await?);
            }
        }
        Ok(lists)
    }

    async fn attach(&self, cx: &Cx, books: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error> {
        attach::attach(cx, books, posted, file).await
    }
}

/// `replaces` is the transaction that is changed into what is ordered.
fn prepare(
    order: &Order,
    key: &Key,
    references: &References,
    replaces: Option<&Posted>,
) -> Result<Prepared, Error> {
    if order.leg == Leg::BankFeed {
        return Err(Error::Unsupported {
            what: "statement lines from apps".into(),
        });
    }
    if order.is_draft {
        return Err(refused("postAsDraft", "QuickBooks has no drafts of transactions"));
    }
    match order.kind {
        ExpenseKind::Payment => purchase::prepare(order, key, references, replaces, false),
        ExpenseKind::Refund | ExpenseKind::Reward | ExpenseKind::Chargeback => {
            if account::of_money(references, &order.bank_account, "bankAccountRef")?.is_card() {
                purchase::prepare(order, key, references, replaces, true)
            } else {
                deposit::prepare(order, key, references, replaces)
            }
        }
        ExpenseKind::TransferIn | ExpenseKind::TransferOut => {
            transfer::prepare(order, key, references, replaces)
        }
        ExpenseKind::AdjustmentIn | ExpenseKind::AdjustmentOut => {
            journal_entry::prepare(order, key, references, replaces)
        }
        ExpenseKind::Reimbursement => bill::prepare(order, key, references, replaces),
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
