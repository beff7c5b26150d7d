use ledgerline_model::{DataType, Timestamp};
use maud::{Markup, html};

/// An instant relative to now, and in full on demand.
pub fn ago(at: Timestamp, now: Timestamp) -> Markup {
    html! { time datetime=(at) title=(at.strftime("%-d %B %Y, %H:%M:%S UTC")) { (distance(at, now)) } }
}

fn distance(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.as_second() - at.as_second();
    let of = |number: i64, unit: &str| {
        let s = if number == 1 { "" } else { "s" };
        format!("{number} {unit}{s}")
    };
    let words = match seconds.abs() {
        0..5 => return "just now".to_owned(),
        length @ 5..60 => of(length, "second"),
        length @ 60..3600 => of(length / 60, "minute"),
        length @ 3600..86_400 => of(length / 3600, "hour"),
        length @ 86_400..2_592_000 => of(length / 86_400, "day"),
        _ => return at.strftime("%-d %b %Y").to_string(),
    };
    if seconds < 0 {
        format!("in {words}")
    } else {
        format!("{words} ago")
    }
}

/// How long something took: `0.8 s`, `3 min 20 s`.
pub fn duration(from: Timestamp, to: Timestamp) -> String {
    let millis = (to.as_millisecond() - from.as_millisecond()).max(0);
    match millis {
        0..60_000 => format!("{}.{} s", millis / 1000, millis % 1000 / 100),
        60_000..3_600_000 => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1000),
        _ => format!("{} h {} min", millis / 3_600_000, millis % 3_600_000 / 60_000),
    }
}

/// A count with thin spaces between thousands.
pub fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    if number < 0 {
        text.push('\u{2212}');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// `billCreditNotes` as `Bill credit notes`.
pub fn data_type(data_type: DataType) -> String {
    let mut words = String::new();
    for letter in data_type.key().chars() {
        if words.is_empty() {
            words.extend(letter.to_uppercase());
        } else if letter.is_uppercase() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        ledgerline_model::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn distances_are_in_the_largest_unit() {
        assert_eq!(distance(at(0), at(3)), "just now");
        assert_eq!(distance(at(0), at(61)), "1 minute ago");
        assert_eq!(distance(at(7200), at(0)), "in 2 hours");
        assert_eq!(distance(at(0), at(90 * 86_400)), "1 Jan 1970");
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!(count(0), "0");
        assert_eq!(count(-1_234_567), "\u{2212}1\u{202f}234\u{202f}567");
        assert_eq!(count(100), "100");
    }

    #[test]
    fn data_types_are_words() {
        assert_eq!(data_type(DataType::BillCreditNotes), "Bill credit notes");
        assert_eq!(data_type(DataType::Company), "Company");
    }

    #[test]
    fn durations_are_readable() {
        assert_eq!(duration(at(0), ledgerline_model::from_micros(850_000)), "0.8 s");
        assert_eq!(duration(at(0), at(200)), "3 min 20 s");
    }
}
