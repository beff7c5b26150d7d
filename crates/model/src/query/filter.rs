use std::cmp::Ordering;

use super::{Clause, Error, Expr, Found, Kind, Moment, Operator, Properties, Schema, Value, fold};
use crate::Decimal;

/// A query whose properties exist and whose values fit them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Test(Test),
}

/// One comparison, typed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// In the schema's spelling.
    pub property: String,
    pub operator: Operator,
    pub operand: Operand,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operand {
    /// Case-folded.
    Text(String),
    Number(Decimal),
    Date(Moment),
    Flag(bool),
}

impl Filter {
    /// Parse a query and resolve it against the schema of what is listed.
    pub fn parse(text: &str, schema: &Schema) -> Result<Self, Error> {
        Self::resolve(&super::parse(text)?, &|clause| {
            let (property, kind) = schema.resolve(&clause.property)?;
            test(property, kind, clause)
        })
    }

    /// Parse a query over free-form keys, each of which holds text: the tags of a company. Only `=`, `!=`
    /// and `~` apply; keys match whatever their case is.
    pub fn over_tags(text: &str) -> Result<Self, Error> {
        Self::resolve(&super::parse(text)?, &|clause| {
            test(&clause.property, Kind::Text, clause)
        })
    }

    /// Whether something meets it. A missing property equals nothing: `!=` holds for it, nothing else does.
    pub fn matches(&self, thing: &dyn Properties) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(thing)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(thing)),
            Self::Test(test) => test.holds(&thing.property(&test.property)),
        }
    }

    /// Tests that all have to hold, for a database to narrow down the candidates.
    pub fn required(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) => parts.iter().flat_map(Self::required).collect(),
            Self::Any(_) => Vec::new(),
            Self::Test(test) => vec![test],
        }
    }

    /// All tests, wherever they stand.
    pub fn tests(&self) -> Vec<&Test> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::tests).collect(),
            Self::Test(test) => vec![test],
        }
    }

    fn resolve(expr: &Expr, to_test: &dyn Fn(&Clause) -> Result<Test, Error>) -> Result<Self, Error> {
        let all = |parts: &[Expr]| -> Result<_, Error> {
            parts.iter().map(|part| Self::resolve(part, to_test)).collect()
        };
        Ok(match expr {
            Expr::All(parts) => Self::All(all(parts)?),
            Expr::Any(parts) => Self::Any(all(parts)?),
            Expr::Clause(clause) => Self::Test(to_test(clause)?),
        })
    }
}

impl Test {
    /// Whether it holds for what was found.
    pub fn holds(&self, found: &Found<'_>) -> bool {
        let some = |values: &[Value<'_>]| values.iter().any(|value| self.is_met_by(value));
        let met = match found {
            Found::Missing => false,
            Found::One(value) => self.is_met_by(value),
            Found::Many(values) => some(values),
        };
        match self.operator {
            Operator::NotEqual => !met,
            Operator::Equal
            | Operator::Contains
            | Operator::Greater
            | Operator::Less
            | Operator::GreaterOrEqual
            | Operator::LessOrEqual => met,
        }
    }

    /// Whether one value meets the comparison; for `!=`, whether it is equal.
    fn is_met_by(&self, value: &Value<'_>) -> bool {
        let ordering = match (&self.operand, value) {
            (Operand::Text(operand), Value::Text(text)) => {
                let text = fold(text);
                return match self.operator {
                    Operator::Contains => text.contains(operand.as_str()),
                    Operator::Equal | Operator::NotEqual => text == *operand,
                    Operator::Greater | Operator::Less | Operator::GreaterOrEqual | Operator::LessOrEqual => {
                        false
                    }
                };
            }
            (Operand::Number(operand), Value::Number(number)) => number.cmp(operand),
            (Operand::Date(operand), Value::Date(moment)) => moment.compare(*operand),
            (Operand::Date(operand), Value::Text(text)) => match Moment::parse(text) {
                Some(moment) => moment.compare(*operand),
                None => return false,
            },
            (Operand::Flag(operand), Value::Flag(flag)) => flag.cmp(operand),
            (Operand::Text(_) | Operand::Number(_) | Operand::Date(_) | Operand::Flag(_), _) => return false,
        };
        match self.operator {
            Operator::Equal | Operator::NotEqual => ordering == Ordering::Equal,
            Operator::Greater => ordering == Ordering::Greater,
            Operator::Less => ordering == Ordering::Less,
            Operator::GreaterOrEqual => ordering != Ordering::Less,
            Operator::LessOrEqual => ordering != Ordering::Greater,
            Operator::Contains => false,
        }
    }
}

fn test(property: &str, kind: Kind, clause: &Clause) -> Result<Test, Error> {
    let applies = match (kind, clause.operator) {
        (_, Operator::Equal | Operator::NotEqual) => true,
        (Kind::Text, Operator::Contains) => true,
        (Kind::Number | Kind::Date, operator) => operator != Operator::Contains,
        (Kind::Text | Kind::Flag, _) => false,
    };
    if !applies {
        return Err(Error::WrongOperator {
            property: property.to_owned(),
            kind,
            operator: clause.operator,
        });
    }
    let value = clause.value.as_str();
    let operand = match kind {
        Kind::Text => Some(Operand::Text(fold(value))),
        Kind::Number => value.parse().ok().map(Operand::Number),
        Kind::Date => Moment::parse(value).map(Operand::Date),
        Kind::Flag if value.eq_ignore_ascii_case("true") => Some(Operand::Flag(true)),
        Kind::Flag if value.eq_ignore_ascii_case("false") => Some(Operand::Flag(false)),
        Kind::Flag => None,
    };
    Ok(Test {
        property: property.to_owned(),
        operator: clause.operator,
        operand: operand.ok_or_else(|| Error::WrongValue {
            property: property.to_owned(),
            kind,
            value: value.chars().take(64).collect(),
        })?,
    })
}
