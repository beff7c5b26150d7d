use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

/// An amount as it is sent, a JSON number or the text of one, digit by digit.
#[derive(Clone, Copy)]
pub(super) struct Amount(pub(super) Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim_matches('"');
        Decimal::from_str_exact(text)
            .or_else(|_| Decimal::from_scientific(text))
            .map(Self)
            .map_err(|_| de::Error::custom(format_args!("`{text}` is not an amount")))
    }
}
