use super::Operator;
use super::parse::{MAX_CLAUSES, MAX_DEPTH, MAX_LENGTH};
use super::schema::Kind;

/// Why a query, or an order, cannot be answered. The texts are what the caller is told.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    #[error("Error parsing query - Malformed query.")]
    Malformed,
    #[error("Error parsing query - Could not resolve property {property} on {noun}")]
    UnknownProperty { property: String, noun: &'static str },
    #[error("Error parsing query - {property} is a {kind}: the operator {operator} does not apply to it")]
    WrongOperator {
        property: String,
        kind: Kind,
        operator: Operator,
    },
    #[error("Error parsing query - {property} is a {kind}, which {value} is not")]
    WrongValue {
        property: String,
        kind: Kind,
        value: String,
    },
    #[error("Error parsing query - A query has fewer than {MAX_LENGTH} characters")]
    TooLong,
    #[error("Error parsing query - Braces nest at most {MAX_DEPTH} deep")]
    TooDeep,
    #[error("Error parsing query - A query has at most {MAX_CLAUSES} clauses")]
    TooManyClauses,
}
