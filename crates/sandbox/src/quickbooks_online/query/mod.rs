//! `SELECT … FROM … WHERE … ORDERBY … STARTPOSITION … MAXRESULTS …`

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

pub(super) use evaluate::run;
pub(super) use parse::parse;

use super::records::Entity;

/// A query, read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Query {
    pub(super) entity: Entity,
    pub(super) what: What,
    conditions: Vec<Condition>,
    order: Vec<(String, Order)>,
    /// From 1.
    start: usize,
    most: usize,
}

impl Query {
    /// No page holds more, whatever is asked for.
    pub(super) fn hold_at_most(&mut self, most: Option<usize>) {
        self.most = most.map_or(self.most, |most| self.most.min(most));
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum What {
    Count,
    Everything,
    Fields(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
struct Condition {
    field: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Is(Comparison, Literal),
    In(Vec<Literal>),
    /// `%` stands for anything.
    Like(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Debug, Clone, PartialEq)]
enum Literal {
    Text(String),
    Number(rust_decimal::Decimal),
    Bool(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Ascending,
    Descending,
}
