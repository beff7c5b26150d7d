//! `where` and `order`: the part of Xero's query language that its clients use.

/// Hold one record against that tree.
mod evaluate;
/// Sort by named fields.
mod order;
/// Read a `where` text into a tree.
mod parse;

use jiff::Timestamp;
use rust_decimal::Decimal;
use uuid::Uuid;

#[cfg(test)]
use order::Direction;
pub(super) use order::Order;
pub(super) use parse::parse;

/// What a field of a record is to a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Text(&'a str),
    Id(Uuid),
    Number(Decimal),
    Instant(Timestamp),
}

/// A record whose fields can be asked for by the names that the API gives them.
pub(super) trait Fields {
    /// The value of `Contact.ContactID`, `Status`, …; `None` if the type has no such field.
    fn field(&self, path: &str) -> Option<Value<'_>>;
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Compare {
        left: Term,
        operator: Operator,
        right: Term,
    },
    /// `Name.Contains("x")` and its kin; also a bare boolean field (`IsCustomer`).
    Holds(Term),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Null,
    Bool(bool),
    Text(String),
    Number(Decimal),
    Instant(Timestamp),
    Field(String),
    Lowered(Box<Term>),
    Uppered(Box<Term>),
    TextTest {
        subject: Box<Term>,
        test: TextTest,
        wanted: Box<Term>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TextTest {
    Contains,
    StartsWith,
    EndsWith,
}

/// A filter that cannot be read or does not fit the type, in words for the caller.
#[derive(Debug, PartialEq)]
pub(super) struct Invalid(pub(super) String);

#[cfg(test)]
mod tests;
