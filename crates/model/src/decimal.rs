use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use rust_decimal::Decimal as Inner;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// An exact decimal number that keeps the digits it was written with: `42.40` stays `42.40`.
///
/// At most 28 significant digits; never printed with an exponent. It is read from and written as the
/// text of a JSON number (a JSON string of digits is read too), never by way of a float.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal(pub Inner);

/// Why a text is no decimal of ours.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a decimal number of at most 28 digits")]
pub struct InvalidDecimal(String);

impl Decimal {
    pub const ZERO: Self = Self(Inner::ZERO);
    pub const ONE: Self = Self(Inner::ONE);

    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// `self / divisor`, rounded half-even to `places` digits after the point; `None` for a zero divisor.
    pub fn divided_by(self, divisor: Self, places: u32) -> Option<Self> {
        Some(Self(self.0.checked_div(divisor.0)?.round_dp(places)))
    }

    /// Rounded half-even to at most `places` digits after the point.
    pub fn rounded(self, places: u32) -> Self {
        Self(self.0.round_dp(places))
    }

    /// `number` with the point moved `places` digits to the left.
    pub fn of_parts(number: i64, places: u32) -> Self {
        Self(Inner::try_new(number, places).unwrap_or_default())
    }

    /// The number with the point moved `places` digits to the right; `None` if that is not whole, or too large.
    pub fn units(self, places: u32) -> Option<i64> {
        let number = self.0.normalize();
        let missing = places.checked_sub(number.scale())?;
        let units = number.mantissa().checked_mul(10_i128.checked_pow(missing)?)?;
        units.try_into().ok()
    }

    /// Digits after the point.
    pub fn scale(self) -> u32 {
        self.0.scale()
    }

    /// The same number without trailing zeros, for comparing texts.
    pub fn normalized(self) -> Self {
        Self(self.0.normalize())
    }
}

impl FromStr for Decimal {
    type Err = InvalidDecimal;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidDecimal(text.chars().take(64).collect());
        let number = if text.contains(['e', 'E']) {
            Inner::from_scientific(text).map_err(|_| invalid())?
        } else {
            Inner::from_str_exact(text).map_err(|_| invalid())?
        };
        Ok(Self(number))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Self(Inner::from(number))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Sums that leave 28 digits saturate; document totals are far below.
impl Add for Decimal {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Decimal {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul for Decimal {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self(self.0.saturating_mul(other.0))
    }
}

impl Neg for Decimal {
    type Output = Self;

    /// The negative; zero stays a zero without a sign.
    fn neg(self) -> Self {
        if self.0.is_zero() { self } else { Self(-self.0) }
    }
}

impl std::iter::Sum for Decimal {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, |total, number| total + number)
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?.get();
        raw.trim_matches('"').parse().map_err(serde::de::Error::custom)
    }
}

/// Room for the digits of one number, so that writing it takes no memory from the heap.
#[derive(Default)]
struct Digits {
    bytes: [u8; 32],
    length: usize,
}

impl Digits {
    fn text(&self) -> &str {
        std::str::from_utf8(self.bytes.get(..self.length).unwrap_or_default()).unwrap_or_default()
    }
}

impl fmt::Write for Digits {
    /// 28 digits, a sign, a point and a leading zero are the most that there is.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = Digits::default();
        fmt::Write::write_fmt(&mut digits, format_args!("{}", self.0)).map_err(serde::ser::Error::custom)?;
        let raw: &RawValue = serde_json::from_str(digits.text()).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn round_trip(json: &str) -> String {
        let number: Decimal = serde_json::from_str(json).expect(json);
        serde_json::to_string(&number).expect(json)
    }

    #[test]
    fn the_digits_of_the_json_are_kept() {
        for json in [
            "42.40",
            "0.00",
            "-1.5",
            "0",
            "99999999999999.999999",
            "-0.005",
            "-0.1234567890123456789012345678",
            "-7922816251426433759354395033.5",
        ] {
            assert_eq!(round_trip(json), json);
        }
    }

    #[test]
    fn strings_and_exponents_are_read_and_printed_plain() {
        assert_eq!(round_trip("\"12.30\""), "12.30");
        assert_eq!(round_trip("1e3"), "1000");
        assert_eq!(round_trip("1.5E-7"), "0.00000015");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for json in [
            "1e400",
            "123456789012345678901234567890",
            "true",
            "\"12,30\"",
            "0.00000000000000000000000000001",
        ] {
            assert!(serde_json::from_str::<Decimal>(json).is_err(), "{json}");
        }
    }
}
