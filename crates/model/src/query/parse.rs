use super::{Clause, Error, Expr, Operator};

/// A query has fewer characters than this.
pub const MAX_LENGTH: usize = 2048;
/// How deep braces may nest.
pub const MAX_DEPTH: usize = 16;
/// How many comparisons a query may hold.
pub const MAX_CLAUSES: usize = 64;

/// Parse a query. `&&` binds tighter than `||`; braces group; values are bare text up to the next `&&`, `||`
/// or brace, without the spaces around them.
pub fn parse(text: &str) -> Result<Expr, Error> {
    if text.chars().count() >= MAX_LENGTH {
        return Err(Error::TooLong);
    }
    let mut parser = Parser {
        rest: text,
        depth: 0,
        clauses: 0,
    };
    let expr = parser.any()?;
    match parser.rest.trim_start() {
        "" => Ok(expr),
        _ => Err(Error::Malformed),
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    clauses: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expr, Error> {
        let mut parts = vec![self.all()?];
        while self.take("||") {
            parts.push(self.all()?);
        }
        Ok(one_or(parts, Expr::Any))
    }

    fn all(&mut self) -> Result<Expr, Error> {
        let mut parts = vec![self.part()?];
        while self.take("&&") {
            parts.push(self.part()?);
        }
        Ok(one_or(parts, Expr::All))
    }

    fn part(&mut self) -> Result<Expr, Error> {
        if !self.take("{") {
            return self.clause().map(Expr::Clause);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        let expr = self.any()?;
        self.depth -= 1;
        if self.take("}") {
            Ok(expr)
        } else {
            Err(Error::Malformed)
        }
    }

    fn clause(&mut self) -> Result<Clause, Error> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err(Error::TooManyClauses);
        }
        let end = ["&&", "||", "{", "}"]
            .iter()
            .filter_map(|stop| self.rest.find(stop))
            .min()
            .unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;

        let at = text.find(['!', '=', '~', '>', '<']).ok_or(Error::Malformed)?;
        let (property, comparison) = text.split_at(at);
        // The longest symbol wins: `>=` before `>`.
        let operator = Operator::ALL
            .into_iter()
            .filter(|operator| comparison.starts_with(operator.symbol()))
            .max_by_key(|operator| operator.symbol().len())
            .ok_or(Error::Malformed)?;
        let property = property.trim();
        let value = comparison[operator.symbol().len()..].trim();
        let well_formed = !property.is_empty()
            && !property.contains(char::is_whitespace)
            && !value.is_empty()
            && !value.starts_with('=');
        if !well_formed {
            return Err(Error::Malformed);
        }
        Ok(Clause {
            property: property.to_owned(),
            operator,
            value: value.to_owned(),
        })
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.trim_start().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

fn one_or(mut parts: Vec<Expr>, many: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.swap_remove(0),
        _ => many(parts),
    }
}
