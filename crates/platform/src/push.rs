/// Orders that cannot be booked, before anything is sent.
mod refusal;
/// Words that the accountant reads.
pub mod text;

use async_trait::async_trait;
use bytes::Bytes;
use ledgerline_model::connection::Organisation;
use ledgerline_model::push::{Choice, ContactKind, ExpenseKind, Key, Leg, Order, TrackingKind};
use ledgerline_model::{DataType, Secret};
use serde::{Deserialize, Serialize};

use crate::{Cx, Error, Row};

pub use refusal::{cents, refused, total};

/// The side of a connector that writes.
///
/// It decides nothing and remembers nothing: the engine says what is booked where, stores the key before
/// [`Push::send`], and searches before anything is sent twice.
#[async_trait]
pub trait Push: Send + Sync {
    /// What may be written, as data.
    fn about(&self) -> &'static PushAbout;

    /// The wanted objects as they are at the platform now, in as few calls as can be; those that it does not have
    /// are left out. Any account can be asked for as [`DataType::ChartOfAccounts`], only one that holds money as
    /// [`DataType::BankAccounts`].
    async fn references(&self, cx: &Cx, books: &Books<'_>, wanted: &[Named]) -> Result<References, Error>;

    /// The platform's own document for an order. Pure: the same order gives the same requests, byte for byte.
    ///
    /// `references` holds what [`named`] says of the order, or the order cannot be booked. [`Error::Rejected`] names
    /// the field that cannot be.
    fn prepare(&self, order: &Order, key: &Key, references: &References) -> Result<Prepared, Error>;

    /// The platform's own requests that give a posted document the content of the order. Pure, as [`Push::prepare`];
    /// afterwards the document bears the new key.
    fn prepare_update(
        &self,
        _order: &Order,
        _posted: &Posted,
        _key: &Key,
        _references: &References,
    ) -> Result<Prepared, Error> {
        Err(Error::Unsupported {
            what: "updates of expenses".into(),
        })
    }

    /// Writes it once. Only `Unavailable { sent: Maybe }` (and `Malformed`) leave it open whether it is in the books;
    /// after any other error it is not.
    async fn send(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Written, Error>;

    /// What became of a [`Written::Pending`].
    async fn poll(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        reference: &str,
    ) -> Result<Written, Error>;

    /// What an earlier [`Push::send`] with this key left in the books, deleted documents included; `None` if it can be
    /// searched and nothing is there.
    async fn find(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        prepared: &Prepared,
        key: &Key,
    ) -> Result<Option<Written>, Error>;

    /// The records of the standard that a posted document is, as a Pull would bring them.
    async fn read_back(&self, cx: &Cx, books: &Books<'_>, posted: &Posted) -> Result<Vec<Row>, Error>;

    /// The same of several in as few requests as the platform allows: the rows of each list that was asked for. Lists
    /// may not show yet what was just written; whoever asked reads what is missing by itself.
    async fn read_back_listed(
        &self,
        cx: &Cx,
        books: &Books<'_>,
        posted: &[Posted],
    ) -> Result<Vec<Vec<Row>>, Error> {
        let mut rows = Vec::with_capacity(posted.len());
        for one in posted {
            rows.push(self.read_back(cx, books, one).await?);
        }
        Ok(rows)
    }

    /// Adds a file to a posted document; one with the same name and content that is there already is taken for it.
    async fn attach(&self, cx: &Cx, books: &Books<'_>, posted: &Posted, file: &File) -> Result<(), Error>;
}

/// Whose books, and with whose consent.
#[derive(Clone, Copy)]
pub struct Books<'a> {
    pub access_token: &'a Secret,
    pub organisation: &'a Organisation,
}

/// A platform's writing side as data.
pub struct PushAbout {
    /// What can be written.
    pub kinds: &'static [ExpenseKind],
    /// Of these, what can be given other content once it is posted.
    pub updatable: &'static [ExpenseKind],
    /// Whether statement lines can be fed.
    pub feeds_banks: bool,
    /// Seconds after which a request that may still be under way at the platform has ended for certain, and can be
    /// searched for: two searches so far apart decide.
    pub hold_seconds: u32,
    /// Booked where a line names no tax rate and the company has no default; `None`: the line is sent without.
    pub default_tax_rate: Option<&'static str>,
    /// Which contact a kind is booked on; a kind that is not there is booked without.
    pub contacts: &'static [(ExpenseKind, ContactKind)],
    /// Whether expense and bank account may be in these currencies, given the base currency.
    pub currencies: CurrencyRule,
    /// Largest file that can be attached, in bytes; 0: none can.
    pub attachment_bytes: u64,
    /// Kinds that take files.
    pub attachable: &'static [ExpenseKind],
    /// Where our key stands in the document, as the accountant sees it; for docs and people.
    pub marker: &'static str,
}

/// How a platform treats an expense in another currency than its bank account.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CurrencyRule {
    /// Everything is booked in the currency of the bank account.
    BankAccount,
    /// A bank account in the base currency takes any one other currency, with a rate; one in another currency takes
    /// only its own.
    BaseAccountTakesAny,
    /// Only the base currency.
    BaseOnly,
}

/// An object of the books that an order refers to.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Named {
    pub data_type: DataType,
    pub id: String,
}

/// All that an order refers to: its accounts as [`DataType::ChartOfAccounts`], each object once.
pub fn named(order: &Order) -> Vec<Named> {
    let accounts = std::iter::once(&order.bank_account).chain(order.lines.iter().map(|line| &line.account));
    let accounts = accounts.map(|id| (DataType::ChartOfAccounts, id));
    let contact = order
        .contact
        .iter()
        .map(|contact| (contact.kind.data_type(), &contact.id));
    let lines = order.lines.iter().flat_map(|line| {
        let tax_rate = line.tax_rate.iter().map(|id| (DataType::TaxRates, id));
        let customer = line.invoice_to.iter().map(|id| (DataType::Customers, id));
        let tracking = line.tracking.iter().map(|tracking| {
            let data_type = match tracking.kind {
                TrackingKind::Category => DataType::TrackingCategories,
                TrackingKind::Customer => DataType::Customers,
            };
            (data_type, &tracking.id)
        });
        tax_rate.chain(customer).chain(tracking)
    });
    let mut named: Vec<Named> = Vec::new();
    for (data_type, id) in accounts.chain(contact).chain(lines) {
        let one = Named {
            data_type,
            id: id.clone(),
        };
        if !id.is_empty() && !named.contains(&one) {
            named.push(one);
        }
    }
    named
}

/// Such an object as it is now.
#[derive(Clone, Debug)]
pub struct Referenced {
    pub data_type: DataType,
    pub id: String,
    /// Its standard JSON.
    pub standard: String,
    /// The platform's own JSON.
    pub source: String,
    /// Booked on no more: archived, inactive, deleted.
    pub is_archived: bool,
}

/// What a sync needs to know of the books, asked for once.
#[derive(Clone, Debug, Default)]
pub struct References {
    pub base_currency: Option<String>,
    pub objects: Vec<Referenced>,
}

impl References {
    pub fn get(&self, data_type: DataType, id: &str) -> Option<&Referenced> {
        let mut objects = self.objects.iter();
        objects.find(|object| object.data_type == data_type && object.id == id)
    }
}

/// A document of the platform's, ready to be sent. It is stored with the intent: what is searched for, and sent
/// again, is what was sent the first time.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Prepared {
    pub leg: Leg,
    /// In the order in which they are sent; the key goes with each, with the platform's own header or parameter.
    pub requests: Vec<Request>,
    /// Which values the connector chose, and why.
    #[serde(skip)]
    pub choices: Vec<Choice>,
}

/// A value of the connector's own choosing, and by which rule.
pub fn choice(field: &str, value: impl Into<String>, rule: &'static str) -> Choice {
    Choice {
        field: field.to_owned(),
        value: value.into(),
        rule,
    }
}

/// One request of a [`Prepared`], relative to the platform's API.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Request {
    pub method: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query: Vec<(String, String)>,
    /// JSON text.
    pub body: String,
}

/// What the platform says of a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Written {
    Posted(Posted),
    /// Taken, and decided later: to be polled by this reference.
    Pending(String),
}

/// A document in the books.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Posted {
    /// The platform's name of the kind of object, e.g. `BankTransaction`.
    pub object: String,
    pub id: String,
    /// The platform's version of it, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The standard data type that it is read as; `None` for statement lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_type: Option<String>,
}

/// A file to attach: its name was generated by us, its type was found in its content.
#[derive(Clone, Debug)]
pub struct File {
    pub name: String,
    pub content_type: String,
    pub content: Bytes,
    /// For people, where the platform has room for it.
    pub note: Option<String>,
    /// Whether it goes out with the document, where the platform sends such documents.
    pub include_on_send: bool,
}
