use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// A decimal as the JSON number with exactly its digits, without trailing zeros.
///
/// A quotient of two integers that a double holds exactly is rounded once, so that its shortest text is the decimal
/// itself as long as that has at most 15 digits: no amount of the ledger has more.
pub(super) fn number(amount: Decimal) -> Value {
    let plain = amount.normalize();
    match (i64::try_from(plain.mantissa()), plain.scale()) {
        (Ok(whole), 0) => Value::from(whole),
        (Ok(mantissa), scale @ 1..=22) => Value::from(mantissa as f64 / 10_f64.powi(scale as i32)),
        _ => Value::from(plain.to_string()),
    }
}

/// The decimal of a JSON number or of a text that is one.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
        }
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// An object that leaves out what is empty.
#[derive(Debug, Default)]
pub(super) struct Object(pub(super) Map<String, Value>);

impl Object {
    pub(super) fn set(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Nothing, or the text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        if !text.is_empty() {
            self.set(name, text);
        }
        self
    }

    pub(super) fn some(&mut self, name: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.set(name, value);
        }
        self
    }

    pub(super) fn money(&mut self, name: &str, amount: Decimal) -> &mut Self {
        self.set(name, number(amount))
    }

    pub(super) fn done(&mut self) -> Value {
        Value::Object(std::mem::take(&mut self.0))
    }
}

/// Put what `more` has and `base` lacks into `base`, lists of one length entry by entry.
pub(super) fn fill(base: &mut Value, more: &Value) {
    match (base, more) {
        (Value::Object(base), Value::Object(more)) => {
            for (name, value) in more {
                match base.get_mut(name) {
                    Some(found) => fill(found, value),
                    None => {
                        base.insert(name.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(base), Value::Array(more)) => {
            base.iter_mut()
                .zip(more)
                .for_each(|(base, more)| fill(base, more));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_both_ways() {
        for text in [
            "0",
            "541.25",
            "0.1",
            "-31.39",
            "1234567890123.45",
            "0.0001",
            "19.9999",
            "100",
            "1.269036",
        ] {
            let value = number(text.parse().unwrap());
            assert_eq!(value.to_string(), text);
            assert_eq!(decimal(&value), Some(text.parse().unwrap()));
        }
        assert_eq!(decimal(&serde_json::json!("12.50")), "12.5".parse().ok());
        assert_eq!(decimal(&serde_json::json!("twelve")), None);
    }
}
