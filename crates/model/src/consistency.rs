use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Date, Decimal, Instant};

/// How far the data types that one Run has read agree with each other.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Consistency {
    pub run_id: Uuid,
    pub status: Level,
    /// Last day that the control totals count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Date>,
    /// The platform's clock at the first answer of the Run.
    pub window_start: Instant,
    /// The platform's clock at the last one.
    pub window_end: Instant,
    /// How often all feeds were asked for changes after they had been read.
    pub passes: u32,
    pub checks: Vec<ControlCheck>,
    /// Why it is no better; for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What is known of the instant that the types show.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// Each type is complete as of its own read.
    PerType,
    /// All were read within the window; what changed in it may be seen in one type and not in another.
    Bounded,
    /// All show the books of one instant, and the control totals agree.
    Consistent,
    /// The control totals differ.
    Inconsistent,
}

/// What the platform says of the books as a whole, and what the records make; in the base currency.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ControlCheck {
    pub name: String,
    #[serde(with = "text")]
    pub expected: Decimal,
    #[serde(with = "text")]
    pub actual: Decimal,
    #[serde(with = "text")]
    pub difference: Decimal,
    /// Differences up to it are rounding: amounts in other currencies are converted one by one.
    #[serde(with = "text")]
    pub tolerance: Decimal,
}

impl ControlCheck {
    pub fn new(name: impl Into<String>, expected: Decimal, actual: Decimal) -> Self {
        Self {
            name: name.into(),
            expected,
            actual,
            difference: actual - expected,
            tolerance: Decimal::ZERO,
        }
    }

    pub fn agrees(&self) -> bool {
        self.difference.abs() <= self.tolerance
    }
}

/// Decimals as text: events keep them in a form that has no numbers but floats.
mod text {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};

    use crate::Decimal;

    pub fn serialize<S: Serializer>(number: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::ControlCheck;

    #[test]
    fn a_check_comes_back_to_the_digit_also_from_a_tagged_event() {
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(tag = "kind")]
        enum Body {
            Told { check: ControlCheck },
        }
        let check = ControlCheck::new("ar_control", "10.50".parse().unwrap(), "9".parse().unwrap());
        let text = serde_json::to_string(&Body::Told { check: check.clone() }).unwrap();
        assert!(text.contains(r#""difference":"-1.50""#), "{text}");
        let Body::Told { check: back } = serde_json::from_str(&text).unwrap();
        assert_eq!(back, check);
    }
}
