use super::{Comparison, Condition, Literal, Order, Query, Test, What};
use crate::quickbooks_online::errors::Fault;
use crate::quickbooks_online::records::Entity;

/// Records that an answer has unless told, and at most.
const USUAL: usize = 100;
const MOST: usize = 1_000;

/// Read a query; words of the language are the same in capitals and not.
pub(in crate::quickbooks_online) fn parse(text: &str) -> Result<Query, Fault> {
    let mut reader = Reader {
        tokens: tokens(text)?,
        next: 0,
    };
    reader.expect("SELECT")?;
    let what = reader.what()?;
    reader.expect("FROM")?;
    let name = reader.word()?;
    let entity = Entity::named(&name).ok_or_else(|| {
        Fault::query(format!(
            "Error parsing query: the entity {name} is not one of this API"
        ))
    })?;
    let mut query = Query {
        entity,
        what,
        conditions: Vec::new(),
        order: Vec::new(),
        start: 1,
        most: USUAL,
    };
    if reader.skip("WHERE") {
        query.conditions.push(reader.condition()?);
        while reader.skip("AND") {
            query.conditions.push(reader.condition()?);
        }
    }
    if reader.skip("ORDERBY") || (reader.skip("ORDER") && reader.skip("BY")) {
        query.order.push(reader.ordering()?);
        while reader.skip(",") {
            query.order.push(reader.ordering()?);
        }
    }
    if reader.skip("STARTPOSITION") {
        query.start = reader.position("startposition", usize::MAX)?;
    }
    if reader.skip("MAXRESULTS") {
        query.most = reader.position("maxresults", MOST)?;
    }
    match reader.peek() {
        None => Ok(query),
        Some(token) => Err(Fault::unreadable_query(format!(
            "Encountered \" \"{}\" at an unexpected place",
            token.text()
        ))),
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Text(text) | Self::Sign(text) => text,
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let signs: Vec<char> = text.trim().trim_end_matches(';').chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(sign) = signs.get(at).copied() {
        match sign {
            _ if sign.is_whitespace() => at += 1,
            '\'' => {
                let (literal, after) = quoted(&signs, at + 1)?;
                tokens.push(Token::Text(literal));
                at = after;
            }
            '<' | '>' | '!' if signs.get(at + 1) == Some(&'=') => {
                tokens.push(Token::Sign(format!("{sign}=")));
                at += 2;
            }
            '=' | '<' | '>' | '(' | ')' | ',' | '*' => {
                tokens.push(Token::Sign(sign.to_string()));
                at += 1;
            }
            _ => {
                let end = signs[at..]
                    .iter()
                    .position(|sign| sign.is_whitespace() || "'<>!=(),*".contains(*sign))
                    .map_or(signs.len(), |length| at + length);
                if end == at {
                    return Err(Fault::unreadable_query(format!(
                        "Lexical error at line 1, column {}: \"{sign}\"",
                        at + 1
                    )));
                }
                tokens.push(Token::Word(signs[at..end].iter().collect()));
                at = end;
            }
        }
    }
    Ok(tokens)
}

/// What stands up to the closing quote; a backslash takes the meaning of what follows it.
fn quoted(signs: &[char], mut at: usize) -> Result<(String, usize), Fault> {
    let mut literal = String::new();
    while let Some(sign) = signs.get(at) {
        match sign {
            '\'' => return Ok((literal, at + 1)),
            '\\' => {
                literal.extend(signs.get(at + 1));
                at += 2;
            }
            other => {
                literal.push(*other);
                at += 1;
            }
        }
    }
    Err(Fault::unreadable_query("a text has no closing quote"))
}

struct Reader {
    tokens: Vec<Token>,
    next: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn take(&mut self) -> Result<Token, Fault> {
        let token = self.peek().cloned();
        self.next += 1;
        token.ok_or_else(|| Fault::unreadable_query("Encountered \"<EOF>\" at an unexpected place"))
    }

    fn skip(&mut self, wanted: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Word(text) | Token::Sign(text)) => text.eq_ignore_ascii_case(wanted),
            Some(Token::Text(_)) | None => false,
        };
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Fault> {
        if self.skip(wanted) {
            return Ok(());
        }
        let found = self
            .peek()
            .map_or_else(|| "<EOF>".to_owned(), |token| token.text().to_owned());
        Err(Fault::unreadable_query(format!(
            "Encountered \" \"{found}\" where \"{wanted}\" was expected"
        )))
    }

    fn word(&mut self) -> Result<String, Fault> {
        match self.take()? {
            Token::Word(text) => Ok(text),
            Token::Text(text) | Token::Sign(text) => Err(Fault::unreadable_query(format!(
                "Encountered \" \"{text}\" where a name was expected"
            ))),
        }
    }

    fn what(&mut self) -> Result<What, Fault> {
        if self.skip("COUNT") {
            for sign in ["(", "*", ")"] {
                self.expect(sign)?;
            }
            return Ok(What::Count);
        }
        let mut fields = Vec::new();
        let mut everything = false;
        loop {
            if self.skip("*") {
                everything = true;
            } else {
                fields.push(self.word()?);
            }
            if !self.skip(",") {
                break;
            }
        }
        Ok(if everything {
            What::Everything
        } else {
            What::Fields(fields)
        })
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let field = self.word()?;
        if self.skip("IN") {
            self.expect("(")?;
            let mut literals = vec![self.literal()?];
            while self.skip(",") {
                literals.push(self.literal()?);
            }
            self.expect(")")?;
            return Ok(Condition {
                field,
                test: Test::In(literals),
            });
        }
        if self.skip("LIKE") {
            let pattern = match self.literal()? {
                Literal::Text(text) => text,
                Literal::Number(_) | Literal::Bool(_) => {
                    return Err(Fault::unreadable_query("LIKE takes a text"));
                }
            };
            return Ok(Condition {
                field,
                test: Test::Like(pattern),
            });
        }
        let comparison = match self.take()?.text() {
            "=" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            other => {
                return Err(Fault::unreadable_query(format!(
                    "Encountered \" \"{other}\" where a comparison was expected"
                )));
            }
        };
        Ok(Condition {
            field,
            test: Test::Is(comparison, self.literal()?),
        })
    }

    fn literal(&mut self) -> Result<Literal, Fault> {
        match self.take()? {
            Token::Text(text) => Ok(Literal::Text(text)),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
            Token::Word(word) => word.parse().map(Literal::Number).map_err(|_| {
                Fault::unreadable_query(format!("Encountered \" \"{word}\" where a value was expected"))
            }),
            Token::Sign(sign) => Err(Fault::unreadable_query(format!(
                "Encountered \" \"{sign}\" where a value was expected"
            ))),
        }
    }

    fn ordering(&mut self) -> Result<(String, Order), Fault> {
        let field = self.word()?;
        let order = if self.skip("DESC") {
            Order::Descending
        } else {
            self.skip("ASC");
            Order::Ascending
        };
        Ok((field, order))
    }

    fn position(&mut self, name: &str, most: usize) -> Result<usize, Fault> {
        let text = self.take()?.text().to_owned();
        let value: i64 = text
            .parse()
            .map_err(|_| Fault::unreadable_query(format!("\"{text}\" is no number")))?;
        if value < 1 {
            return Err(Fault::query(format!(
                "value {value} is too small. Min allowed value is 1"
            )));
        }
        match usize::try_from(value) {
            Ok(value) if value <= most => Ok(value),
            Ok(_) | Err(_) => Err(Fault::query(format!(
                "{name}: value {value} is too large. Max allowed value is {most}"
            ))),
        }
    }
}
