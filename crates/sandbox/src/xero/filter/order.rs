use std::cmp::Ordering;

use super::{Fields, Invalid, Value};

/// One key of an `order` text.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::xero) struct Order {
    pub(in crate::xero) path: String,
    pub(in crate::xero) direction: Direction,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::xero) enum Direction {
    Ascending,
    Descending,
}

impl Order {
    /// Read `UpdatedDateUTC ASC, InvoiceNumber DESC`.
    pub(in crate::xero) fn parse(text: &str) -> Result<Vec<Self>, Invalid> {
        text.split(',')
            .map(|key| {
                let mut words = key.split_whitespace();
                let path = words
                    .next()
                    .ok_or_else(|| Invalid("A field's name expected in `order`".into()))?;
                let direction = match words.next().map(str::to_ascii_uppercase).as_deref() {
                    None | Some("ASC" | "ASCENDING") => Direction::Ascending,
                    Some("DESC" | "DESCENDING") => Direction::Descending,
                    Some(other) => return Err(Invalid(format!("Syntax error at `{other}`"))),
                };
                match words.next() {
                    None => Ok(Self {
                        path: path.to_owned(),
                        direction,
                    }),
                    Some(other) => Err(Invalid(format!("Syntax error at `{other}`"))),
                }
            })
            .collect()
    }

    /// How two records stand to each other under these keys.
    pub(in crate::xero) fn compare<T: Fields>(keys: &[Self], left: &T, right: &T) -> Ordering {
        for key in keys {
            let ordering = rank(left.field(&key.path), right.field(&key.path));
            let ordering = match key.direction {
                Direction::Ascending => ordering,
                Direction::Descending => ordering.reverse(),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        Ordering::Equal
    }
}

/// Nothing comes before everything; values of one field are always of one kind.
fn rank(left: Option<Value<'_>>, right: Option<Value<'_>>) -> Ordering {
    match (left.unwrap_or(Value::Null), right.unwrap_or(Value::Null)) {
        (Value::Null, Value::Null) => Ordering::Equal,
        (Value::Null, _) => Ordering::Less,
        (_, Value::Null) => Ordering::Greater,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Id(left), Value::Id(right)) => left.cmp(&right),
        (Value::Number(left), Value::Number(right)) => left.cmp(&right),
        (Value::Instant(left), Value::Instant(right)) => left.cmp(&right),
        _ => Ordering::Equal,
    }
}
