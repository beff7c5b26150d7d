use std::fmt;

/// The tree of a query, as written. `All` and `Any` hold at least two.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Clause(Clause),
}

/// One comparison.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    /// Dotted, as the caller spelled it.
    pub property: String,
    pub operator: Operator,
    /// Without the spaces around it.
    pub value: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operator {
    Equal,
    NotEqual,
    Contains,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

impl Operator {
    pub const ALL: [Self; 7] = [
        Self::Equal,
        Self::NotEqual,
        Self::Contains,
        Self::Greater,
        Self::Less,
        Self::GreaterOrEqual,
        Self::LessOrEqual,
    ];

    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Contains => "~",
            Self::Greater => ">",
            Self::Less => "<",
            Self::GreaterOrEqual => ">=",
            Self::LessOrEqual => "<=",
        }
    }
}

/// In the language itself: parsing what is printed gives the same tree.
impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => join(f, parts, " && ", |part| !matches!(part, Self::Clause(_))),
            Self::Any(parts) => join(f, parts, " || ", |part| matches!(part, Self::Any(_))),
            Self::Clause(clause) => clause.fmt(f),
        }
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.property, self.operator, self.value)
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Expr],
    between: &str,
    needs_braces: fn(&Expr) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        if needs_braces(part) {
            write!(f, "{{{part}}}")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}
