use crate::{CompanyId, Timestamp};

/// A condition on a company and its connections, typed. It holds or it does not: what is missing equals nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Filter {
    /// Holds also if there are none.
    All(Vec<Filter>),
    /// Does not hold if there are none.
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Company(Test<Field>),
    /// Some connection of the company meets all of these.
    Connection(Vec<Test<ConnectionField>>),
}

/// One comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test<F> {
    pub field: F,
    pub is: Is,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Id,
    ExternalId,
    Name,
    Currency,
    CreatedAt,
    UpdatedAt,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConnectionField {
    Platform,
    /// By [`crate::connection::State::key`].
    State,
    LastSyncAt,
}

/// What a field has to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Is {
    Present,
    /// One of these; texts by case.
    Among(Vec<Value>),
    /// Texts by their code points.
    Compared(Comparison, Value),
    /// Holds this case-folded text, whatever the case.
    Containing(String),
    /// Begins with this case-folded text, whatever the case.
    Beginning(String),
}

/// A value of the field's own type; one of another type meets nothing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    Text(String),
    At(Timestamp),
    Id(CompanyId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }
}

impl Filter {
    /// That it does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }
}

impl<F> Test<F> {
    pub const fn new(field: F, is: Is) -> Self {
        Self { field, is }
    }
}
