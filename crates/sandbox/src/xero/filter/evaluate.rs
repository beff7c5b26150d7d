use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Condition, Fields, Invalid, Operator, Term, TextTest, Value};

impl Condition {
    /// Whether a record of this type meets the condition; refuses fields that the type does not have.
    pub(in crate::xero) fn holds(&self, record: &impl Fields, type_name: &str) -> Result<bool, Invalid> {
        match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(record, type_name)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(record, type_name)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(inner) => Ok(!inner.holds(record, type_name)?),
            Self::Holds(term) => match resolve(term, record, type_name)? {
                Found::Bool(holds) => Ok(holds),
                Found::Null => Ok(false),
                _ => Err(Invalid("An expression of type `Boolean` expected".into())),
            },
            Self::Compare {
                left,
                operator,
                right,
            } => {
                let left = resolve(left, record, type_name)?;
                let right = resolve(right, record, type_name)?;
                compare(&left, *operator, &right)
            }
        }
    }
}

/// A term's value for one record; text is borrowed unless a method made it.
enum Found<'a> {
    Null,
    Bool(bool),
    Text(Cow<'a, str>),
    Id(uuid::Uuid),
    Number(rust_decimal::Decimal),
    Instant(jiff::Timestamp),
}

fn resolve<'a>(term: &'a Term, record: &'a impl Fields, type_name: &str) -> Result<Found<'a>, Invalid> {
    Ok(match term {
        Term::Null => Found::Null,
        Term::Bool(value) => Found::Bool(*value),
        Term::Text(value) => Found::Text(Cow::Borrowed(value)),
        Term::Number(value) => Found::Number(*value),
        Term::Instant(value) => Found::Instant(*value),
        Term::Field(path) => {
            // `Total.Value` and `DueDate.HasValue` are how nullable fields are written.
            let (path, has_value) = match path.strip_suffix(".HasValue") {
                Some(path) => (path, true),
                None => (path.strip_suffix(".Value").unwrap_or(path), false),
            };
            let value = record.field(path).ok_or_else(|| {
                Invalid(format!(
                    "No property or field `{path}` exists in type `{type_name}`"
                ))
            })?;
            match value {
                value if has_value => Found::Bool(value != Value::Null),
                Value::Null => Found::Null,
                Value::Bool(value) => Found::Bool(value),
                Value::Text(value) => Found::Text(Cow::Borrowed(value)),
                Value::Id(value) => Found::Id(value),
                Value::Number(value) => Found::Number(value),
                Value::Instant(value) => Found::Instant(value),
            }
        }
        Term::Lowered(inner) => match resolve(inner, record, type_name)? {
            Found::Text(text) => Found::Text(Cow::Owned(text.to_lowercase())),
            other => other,
        },
        Term::Uppered(inner) => match resolve(inner, record, type_name)? {
            Found::Text(text) => Found::Text(Cow::Owned(text.to_uppercase())),
            other => other,
        },
        Term::TextTest {
            subject,
            test,
            wanted,
        } => {
            match (
                resolve(subject, record, type_name)?,
                resolve(wanted, record, type_name)?,
            ) {
                (Found::Text(subject), Found::Text(wanted)) => Found::Bool(match test {
                    TextTest::Contains => subject.contains(&*wanted),
                    TextTest::StartsWith => subject.starts_with(&*wanted),
                    TextTest::EndsWith => subject.ends_with(&*wanted),
                }),
                (Found::Null, _) => Found::Bool(false),
                _ => return Err(Invalid("A text method needs texts".into())),
            }
        }
    })
}

fn compare(left: &Found<'_>, operator: Operator, right: &Found<'_>) -> Result<bool, Invalid> {
    let ordering = match (left, right) {
        (Found::Null, Found::Null) => Some(Ordering::Equal),
        (Found::Null, _) | (_, Found::Null) => None,
        (Found::Bool(left), Found::Bool(right)) => Some(left.cmp(right)),
        // Ids and enumerations compare without regard to case at Xero; equality of names does too.
        (Found::Text(left), Found::Text(right)) => Some(if left.eq_ignore_ascii_case(right) {
            Ordering::Equal
        } else {
            left.cmp(right)
        }),
        (Found::Id(left), Found::Id(right)) => Some(left.cmp(right)),
        (Found::Id(id), Found::Text(text)) | (Found::Text(text), Found::Id(id)) => {
            let other =
                uuid::Uuid::try_parse(text).map_err(|_| Invalid(format!("`{text}` is not a Guid")))?;
            Some(id.cmp(&other))
        }
        (Found::Number(left), Found::Number(right)) => Some(left.cmp(right)),
        (Found::Instant(left), Found::Instant(right)) => Some(left.cmp(right)),
        _ => return Err(Invalid("Operator incompatible with operand types".into())),
    };
    Ok(match (operator, ordering) {
        (Operator::Equal, ordering) => ordering == Some(Ordering::Equal),
        (Operator::NotEqual, ordering) => ordering != Some(Ordering::Equal),
        (Operator::Less, Some(ordering)) => ordering.is_lt(),
        (Operator::LessOrEqual, Some(ordering)) => ordering.is_le(),
        (Operator::Greater, Some(ordering)) => ordering.is_gt(),
        (Operator::GreaterOrEqual, Some(ordering)) => ordering.is_ge(),
        (Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual, None) => {
            false
        }
    })
}
