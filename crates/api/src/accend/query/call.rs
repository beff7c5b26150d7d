use super::Fault;

/// A filter has at most so many bytes.
const MAX_LENGTH: usize = 2048;
/// How deep calls and lists may nest.
const MAX_DEPTH: usize = 8;
/// How many calls a filter may hold.
const MAX_CALLS: usize = 50;

/// `name(arguments)`.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Call {
    pub name: String,
    /// Of its first character, from 1.
    pub at: usize,
    pub arguments: Vec<Argument>,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) struct Argument {
    /// Of its first character, from 1.
    pub at: usize,
    pub value: Value,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Value {
    Call(Call),
    Text(String),
    /// As it was written.
    Number(String),
    Flag(bool),
    Null,
    List(Vec<Argument>),
}

/// The whole text is one call.
pub(super) fn parse(text: &str) -> Result<Call, Fault> {
    if text.len() > MAX_LENGTH {
        return Err(Fault::new(1, format!("a filter has at most {MAX_LENGTH} bytes")));
    }
    let mut parser = Parser {
        text,
        rest: text,
        depth: 0,
        calls: 0,
    };
    parser.skip_space();
    let at = parser.position();
    let name = parser.word();
    if name.is_empty() {
        return Err(Fault::new(
            at,
            "a filter is a call, e.g. `eq(\"currency\", \"USD\")`",
        ));
    }
    let call = parser.call(name, at)?;
    parser.skip_space();
    if !parser.rest.is_empty() {
        return Err(Fault::new(
            parser.position(),
            "the filter goes on after its end; join several with `and(…)` or `or(…)`",
        ));
    }
    Ok(call)
}

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    depth: usize,
    calls: usize,
}

impl<'a> Parser<'a> {
    fn call(&mut self, name: &str, at: usize) -> Result<Call, Fault> {
        self.calls += 1;
        if self.calls > MAX_CALLS {
            return Err(Fault::new(at, format!("a filter has at most {MAX_CALLS} calls")));
        }
        self.skip_space();
        if !self.take('(') {
            return Err(Fault::new(
                self.position(),
                format!("`(` is missing after `{name}`; a text stands in double quotes"),
            ));
        }
        Ok(Call {
            name: name.to_owned(),
            at,
            arguments: self.arguments(')')?,
        })
    }

    /// What stands between the opening brace, which was taken, and this closing one.
    fn arguments(&mut self, end: char) -> Result<Vec<Argument>, Fault> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Fault::new(
                self.position(),
                format!("calls and lists nest at most {MAX_DEPTH} deep"),
            ));
        }
        let mut arguments = Vec::new();
        self.skip_space();
        if !self.take(end) {
            loop {
                arguments.push(self.argument()?);
                self.skip_space();
                if self.take(end) {
                    break;
                }
                if !self.take(',') {
                    return Err(Fault::new(self.position(), format!("`,` or `{end}` is missing")));
                }
            }
        }
        self.depth -= 1;
        Ok(arguments)
    }

    fn argument(&mut self) -> Result<Argument, Fault> {
        self.skip_space();
        let at = self.position();
        let value = match self.rest.chars().next() {
            None => return Err(Fault::new(at, "the filter breaks off")),
            Some('"') => Value::Text(self.string(at)?),
            Some('[') => {
                self.take('[');
                Value::List(self.arguments(']')?)
            }
            Some('-' | '0'..='9') => Value::Number(self.number(at)?),
            Some(_) => match self.word() {
                "true" => Value::Flag(true),
                "false" => Value::Flag(false),
                "null" => Value::Null,
                "" => {
                    return Err(Fault::new(
                        at,
                        "a call, a text in double quotes, a number, `true`, `false`, `null` or a list has to stand here",
                    ));
                }
                name => Value::Call(self.call(name, at)?),
            },
        };
        Ok(Argument { at, value })
    }

    /// A JSON string (RFC 8259 §7).
    fn string(&mut self, at: usize) -> Result<String, Fault> {
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else {
            return Err(Fault::new(at, "the text has no closing double quote"));
        };
        let (string, rest) = self.rest.split_at(end + 1);
        let text: String = serde_json::from_str(string)
            .map_err(|_| Fault::new(at, "the text is no valid JSON string; `\\` begins an escape"))?;
        if text.contains('\0') {
            return Err(Fault::new(at, "no text here holds the character U+0000"));
        }
        self.rest = rest;
        Ok(text)
    }

    fn number(&mut self, at: usize) -> Result<String, Fault> {
        let end = self
            .rest
            .find(|character: char| !matches!(character, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'))
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        // Only whether it is one: the digits stay as they were written.
        if serde_json::from_str::<&serde_json::value::RawValue>(number).is_err() {
            return Err(Fault::new(at, format!("`{number}` is no number")));
        }
        self.rest = rest;
        Ok(number.to_owned())
    }

    fn word(&mut self) -> &'a str {
        let end = self
            .rest
            .find(|character: char| !(character.is_ascii_alphanumeric() || character == '_'))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn take(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn position(&self) -> usize {
        let taken = self.text.len() - self.rest.len();
        self.text[..taken].chars().count() + 1
    }
}
