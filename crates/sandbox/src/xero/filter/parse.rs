use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::{Condition, Invalid, Operator, Term, TextTest};

/// Deepest nesting of parentheses and `!`; more is an attack, not a question.
const DEPTH: usize = 64;

/// Read `Type=="ACCREC" AND Date>=DateTime(2026, 01, 31) && Contact.Name.StartsWith("A")`.
pub(in crate::xero) fn parse(text: &str) -> Result<Condition, Invalid> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
    };
    let condition = parser.any()?;
    match parser.peek() {
        None => Ok(condition),
        Some(token) => Err(Invalid(format!("Syntax error at `{}`", token.text()))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn any(&mut self) -> Result<Condition, Invalid> {
        self.deeper()?;
        let mut parts = vec![self.all()?];
        while self.take_word("OR") || self.take("||") {
            parts.push(self.all()?);
        }
        self.depth -= 1;
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Condition::Any(parts)
        })
    }

    fn all(&mut self) -> Result<Condition, Invalid> {
        let mut parts = vec![self.one()?];
        while self.take_word("AND") || self.take("&&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Condition::All(parts)
        })
    }

    fn one(&mut self) -> Result<Condition, Invalid> {
        if self.take("!") || self.take_word("NOT") {
            self.deeper()?;
            let inner = self.one()?;
            self.depth -= 1;
            return Ok(Condition::Not(Box::new(inner)));
        }
        if self.take("(") {
            let inner = self.any()?;
            self.expect(")")?;
            return Ok(inner);
        }
        let left = self.term()?;
        let operator = match self.peek() {
            Some(Token::Symbol("==" | "=")) => Operator::Equal,
            Some(Token::Symbol("!=" | "<>")) => Operator::NotEqual,
            Some(Token::Symbol("<")) => Operator::Less,
            Some(Token::Symbol("<=")) => Operator::LessOrEqual,
            Some(Token::Symbol(">")) => Operator::Greater,
            Some(Token::Symbol(">=")) => Operator::GreaterOrEqual,
            _ => return Ok(Condition::Holds(left)),
        };
        self.next += 1;
        let right = self.term()?;
        Ok(Condition::Compare {
            left,
            operator,
            right,
        })
    }

    fn term(&mut self) -> Result<Term, Invalid> {
        match self.advance() {
            Some(Token::Text(text)) => Ok(Term::Text(text)),
            Some(Token::Number(number)) => Ok(Term::Number(number)),
            Some(Token::Word(word)) => self.word(word),
            Some(Token::Symbol(symbol)) => Err(Invalid(format!("Syntax error at `{symbol}`"))),
            None => Err(Invalid("Expression expected at the end".into())),
        }
    }

    /// A literal by name, a conversion such as `Guid("…")`, or a field with the methods called on it.
    fn word(&mut self, word: String) -> Result<Term, Invalid> {
        match word.to_ascii_lowercase().as_str() {
            "null" => return Ok(Term::Null),
            "true" => return Ok(Term::Bool(true)),
            "false" => return Ok(Term::Bool(false)),
            "guid" | "guid.parse" => return Ok(Term::Text(self.text_argument()?)),
            "datetime" => return self.date_from_parts(),
            "datetime.parse" => {
                let text = self.text_argument()?;
                return instant(&text).map(Term::Instant).ok_or_else(|| {
                    Invalid(format!("String `{text}` was not recognized as a valid DateTime"))
                });
            }
            _ => {}
        }
        if self.peek() != Some(&Token::Symbol("(")) {
            return Ok(Term::Field(word));
        }
        let Some((path, method)) = word.rsplit_once('.') else {
            return Err(Invalid(format!("No method `{word}` exists")));
        };
        let subject = Term::Field(path.to_owned());
        let called = self.call(subject, method)?;
        self.methods(called)
    }

    /// What follows a call: `.Contains("x")` after `.ToLower()`.
    fn methods(&mut self, mut subject: Term) -> Result<Term, Invalid> {
        while self.take(".") {
            match self.advance() {
                Some(Token::Word(method)) => subject = self.call(subject, &method)?,
                _ => return Err(Invalid("A method's name expected after `.`".into())),
            }
        }
        Ok(subject)
    }

    fn call(&mut self, subject: Term, method: &str) -> Result<Term, Invalid> {
        let test = match method.to_ascii_lowercase().as_str() {
            "tolower" => {
                self.expect("(")?;
                self.expect(")")?;
                return Ok(Term::Lowered(Box::new(subject)));
            }
            "toupper" => {
                self.expect("(")?;
                self.expect(")")?;
                return Ok(Term::Uppered(Box::new(subject)));
            }
            "contains" => TextTest::Contains,
            "startswith" => TextTest::StartsWith,
            "endswith" => TextTest::EndsWith,
            _ => return Err(Invalid(format!("No applicable method `{method}` exists"))),
        };
        self.expect("(")?;
        let wanted = self.term()?;
        self.expect(")")?;
        Ok(Term::TextTest {
            subject: Box::new(subject),
            test,
            wanted: Box::new(wanted),
        })
    }

    /// `DateTime(2026, 01, 31)`, with hour, minute and second if they are given.
    fn date_from_parts(&mut self) -> Result<Term, Invalid> {
        self.expect("(")?;
        let mut parts = Vec::new();
        loop {
            match self.advance() {
                Some(Token::Number(number)) => {
                    parts.push(
                        i16::try_from(number)
                            .map_err(|_| Invalid(format!("Unrepresentable date part `{number}`")))?,
                    );
                }
                _ => return Err(Invalid("A number expected in `DateTime(…)`".into())),
            }
            if parts.len() > 6 {
                return Err(Invalid("`DateTime` takes 3 to 6 numbers".into()));
            }
            if self.take(")") {
                break;
            }
            self.expect(",")?;
        }
        let part = |at: usize| parts.get(at).copied().unwrap_or(0);
        let small = |at: usize| i8::try_from(part(at)).unwrap_or(-1);
        DateTime::new(part(0), small(1), small(2), small(3), small(4), small(5), 0)
            .and_then(|local| local.to_zoned(TimeZone::UTC))
            .map(|zoned| Term::Instant(zoned.timestamp()))
            .map_err(|_| Invalid("Year, month and day describe an unrepresentable DateTime".into()))
    }

    fn text_argument(&mut self) -> Result<String, Invalid> {
        self.expect("(")?;
        match self.advance() {
            Some(Token::Text(text)) => {
                self.expect(")")?;
                Ok(text)
            }
            _ => Err(Invalid("A quoted text expected".into())),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn advance(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.next).cloned();
        self.next += 1;
        token
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(found)) if *found == symbol);
        self.next += usize::from(found);
        found
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(found)) if found.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), Invalid> {
        if self.take(symbol) {
            return Ok(());
        }
        Err(Invalid(format!("`{symbol}` expected")))
    }

    fn deeper(&mut self) -> Result<(), Invalid> {
        self.depth += 1;
        if self.depth > DEPTH {
            Err(Invalid("The expression is nested too deeply".into()))
        } else {
            Ok(())
        }
    }
}

fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    let local = text
        .parse::<DateTime>()
        .or_else(|_| text.parse::<Date>().map(DateTime::from))
        .ok()?;
    local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Text(String),
    Number(Decimal),
    /// A name with its dots: `Contact.ContactID`, `Name.Contains`.
    Word(String),
    Symbol(&'static str),
}

impl Token {
    fn text(&self) -> String {
        match self {
            Self::Text(text) | Self::Word(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Symbol(symbol) => (*symbol).to_owned(),
        }
    }
}

/// Longest first, so that `==` is not read as two `=`.
const SYMBOLS: [&str; 15] = [
    "==", "!=", "<>", "<=", ">=", "&&", "||", "=", "<", ">", "!", "(", ")", ",", ".",
];

fn tokens(text: &str) -> Result<Vec<Token>, Invalid> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if first == '"' || first == '\'' {
            let (literal, after) = quoted(&rest[1..], first)?;
            tokens.push(Token::Text(literal));
            rest = after;
        } else if first.is_ascii_digit()
            || (first == '-' && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
        {
            let end = rest[1..]
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .map_or(rest.len(), |at| at + 1);
            let number = rest[..end]
                .parse()
                .map_err(|_| Invalid(format!("Invalid number `{}`", &rest[..end])))?;
            tokens.push(Token::Number(number));
            rest = rest[end..].trim_start_matches(['m', 'M']);
        } else if first.is_alphabetic() || first == '_' {
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != '.')
                .unwrap_or(rest.len());
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol(symbol));
            rest = &rest[symbol.len()..];
        } else {
            return Err(Invalid(format!("Syntax error at `{first}`")));
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

/// The text up to the closing quote; a doubled or escaped quote stands for itself.
fn quoted(text: &str, quote: char) -> Result<(String, &str), Invalid> {
    let mut literal = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let following = characters.peek().map(|(_, c)| *c);
        match character {
            '\\' if following == Some(quote) || following == Some('\\') => {
                literal.extend(following);
                characters.next();
            }
            found if found == quote && following == Some(quote) => {
                literal.push(quote);
                characters.next();
            }
            found if found == quote => return Ok((literal, &text[at + quote.len_utf8()..])),
            other => literal.push(other),
        }
    }
    Err(Invalid("Unterminated string literal".into()))
}
