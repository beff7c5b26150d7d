//! Amounts as JSON numbers.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};

/// A decimal as the JSON number with exactly its digits, without trailing zeros.
///
/// A quotient of two integers that a double holds exactly is rounded once, so that its shortest text is the decimal
/// itself as long as that has at most 15 digits: no amount of the ledger has more.
#[derive(Clone, Copy)]
pub(super) struct Number(pub(super) Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = self.0.normalize();
        match (i64::try_from(plain.mantissa()), plain.scale()) {
            (Ok(whole), 0) => serializer.serialize_i64(whole),
            (Ok(mantissa), scale @ 1..=22) => {
                serializer.serialize_f64(mantissa as f64 / 10_f64.powi(scale as i32))
            }
            _ => serializer.collect_str(&plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        for text in [
            "0",
            "541.25",
            "0.1",
            "-31.39",
            "1234567890123.45",
            "0.0001",
            "19.9999",
            "100",
        ] {
            assert_eq!(
                serde_json::to_string(&Number(text.parse().unwrap())).unwrap(),
                text
            );
        }
        assert_eq!(
            serde_json::to_string(&Number("12.50".parse().unwrap())).unwrap(),
            "12.5"
        );
    }
}
