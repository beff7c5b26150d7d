//! Xero writes an instant as `/Date(1771459200000+0000)/` (milliseconds; the offset is cosmetic) and an
//! accounting date as the local `2026-02-19T00:00:00`.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ledgerline_model::{Instant, LocalDateTime, Timestamp};

use super::rows::Flaw;
use super::text::Str;

/// An instant; `/Date(0+0000)/` is Xero's way of saying that there is none.
pub(super) fn instant(text: Option<&Str<'_>>, field: &'static str) -> Result<Option<Timestamp>, Flaw> {
    let Some(text) = text.map(Str::as_str).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let at = parse_instant(text).ok_or_else(|| Flaw::found(field, text, "is no date of Xero's"))?;
    Ok((at != Timestamp::UNIX_EPOCH).then_some(at))
}

/// When Xero says that the object last changed.
pub(super) fn modified(text: Option<&Str<'_>>) -> Result<Option<Instant>, Flaw> {
    Ok(instant(text, "UpdatedDateUTC")?.map(Instant))
}

/// An accounting date: the local text where there is one, else the UTC date of the instant, which Xero puts at
/// midnight of that day.
pub(super) fn date(
    local: Option<&Str<'_>>,
    instant: Option<&Str<'_>>,
    field: &'static str,
) -> Result<Option<LocalDateTime>, Flaw> {
    let filled = |text: &&Str<'_>| !text.as_str().is_empty();
    let Some(text) = local.filter(filled).or(instant.filter(filled)) else {
        return Ok(None);
    };
    parse_date(text.as_str())
        .map(Some)
        .ok_or_else(|| Flaw::found(field, text.as_str(), "is no date of Xero's"))
}

pub(super) fn required(date: Option<LocalDateTime>, field: &'static str) -> Result<LocalDateTime, Flaw> {
    date.ok_or_else(|| Flaw::missing(field))
}

pub(super) fn parse_instant(text: &str) -> Option<Timestamp> {
    if let Some(milliseconds) = milliseconds(text) {
        return Timestamp::from_millisecond(milliseconds).ok();
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        let local = text.parse::<DateTime>().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

fn parse_date(text: &str) -> Option<LocalDateTime> {
    if let Some(milliseconds) = milliseconds(text) {
        let at = Timestamp::from_millisecond(milliseconds).ok()?;
        return Some(LocalDateTime(at.to_zoned(TimeZone::UTC).datetime()));
    }
    text.parse().ok()
}

fn milliseconds(text: &str) -> Option<i64> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let end = inner
        .char_indices()
        .skip(1)
        .find(|(_, letter)| matches!(letter, '+' | '-'))
        .map_or(inner.len(), |(index, _)| index);
    inner.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{parse_date, parse_instant};

    #[test]
    fn both_ways_of_writing_a_date_are_read() {
        for (text, date) in [
            ("/Date(1771459200000+0000)/", "2026-02-19T00:00:00"),
            ("/Date(1771459200000)/", "2026-02-19T00:00:00"),
            ("/Date(-86400000+0000)/", "1969-12-31T00:00:00"),
            ("2026-02-19T00:00:00", "2026-02-19T00:00:00"),
        ] {
            assert_eq!(
                parse_date(text).map(|date| date.to_string()).as_deref(),
                Some(date),
                "{text}"
            );
        }
    }

    #[test]
    fn nonsense_is_refused_without_a_panic() {
        for text in [
            "",
            "/Date()/",
            "/Date(é)/",
            "/Date(99999999999999999)/",
            "19/02/2026",
            "/Date(1e5)/",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
            assert_eq!(parse_instant(text), None, "{text}");
        }
    }
}
