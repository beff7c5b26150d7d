use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use ledgerline_model::Timestamp;
use ledgerline_model::setting::Schedule;

use super::calendar;

/// What a schedule counts from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Past {
    /// When the connection was linked last.
    pub linked_at: Timestamp,
    /// When the schedule was set.
    pub set_at: Timestamp,
    /// Start of the last Run that read the type.
    pub started_at: Option<Timestamp>,
    /// Start of the last one that was the type's first, or by schedule: calendars do not count others.
    pub scheduled_at: Option<Timestamp>,
    /// When the last Pull of the type ended.
    pub ended_at: Option<Timestamp>,
}

/// When a type is due next, `None` for never.
///
/// Intervals count from the start of the last Run, calendars from the last Run of a period. It is never before
/// the link, the setting, or the end of the last Pull: that is when a period that was missed can be caught up, and
/// what makes two nodes name it alike. However many periods were missed, it is once.
pub fn next(schedule: &Schedule, zone: &TimeZone, past: &Past) -> Option<Timestamp> {
    let earliest = past
        .linked_at
        .max(past.set_at)
        .max(past.ended_at.unwrap_or(past.linked_at));
    let interval_from = past.started_at.unwrap_or(past.linked_at);
    let due = match schedule {
        Schedule::None => None,
        Schedule::Hours(hours) => {
            let hours = SignedDuration::from_hours(i64::from(*hours).max(1));
            interval_from.checked_add(hours).ok()
        }
        Schedule::Monthly => {
            let from = interval_from.to_zoned(TimeZone::UTC);
            let month_later = from.checked_add(1.month()).ok()?;
            Some(month_later.timestamp())
        }
        Schedule::Cron { expression, .. } => {
            let cron = calendar::parse(expression).ok()?;
            let from = past.scheduled_at.unwrap_or(past.linked_at).max(past.set_at);
            calendar::next_after(&cron, zone, from)
        }
    };
    due.map(|due| due.max(earliest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn past(started_at: &str) -> Past {
        Past {
            linked_at: at("2026-01-01T00:00:00Z"),
            set_at: at("2026-01-01T00:00:00Z"),
            started_at: Some(at(started_at)),
            scheduled_at: Some(at(started_at)),
            ended_at: None,
        }
    }

    fn due(schedule: &Schedule, past: &Past) -> Option<String> {
        next(schedule, &TimeZone::UTC, past).map(|at| at.to_string())
    }

    #[test]
    fn intervals_count_from_the_start_of_the_last_run() {
        let past = past("2027-03-01T09:10:11Z");
        let found = [1, 24, 168].map(|hours| due(&Schedule::Hours(hours), &past).unwrap());
        assert_eq!(
            found,
            [
                "2027-03-01T10:10:11Z",
                "2027-03-02T09:10:11Z",
                "2027-03-08T09:10:11Z"
            ]
        );
        assert_eq!(due(&Schedule::None, &past), None);
    }

    #[test]
    fn a_month_is_clamped_to_the_month_s_end() {
        for (started, expected) in [
            ("2027-01-31T09:00:00Z", "2027-02-28T09:00:00Z"),
            ("2028-01-30T09:00:00Z", "2028-02-29T09:00:00Z"),
            ("2027-02-28T09:00:00Z", "2027-03-28T09:00:00Z"),
            ("2027-12-15T00:00:00Z", "2028-01-15T00:00:00Z"),
        ] {
            assert_eq!(due(&Schedule::Monthly, &past(started)).unwrap(), expected);
        }
    }

    #[test]
    fn what_was_never_read_is_due_an_interval_after_the_link() {
        let past = Past {
            started_at: None,
            scheduled_at: None,
            ..past("2027-01-01T00:00:00Z")
        };
        assert_eq!(due(&Schedule::Hours(1), &past).unwrap(), "2026-01-01T01:00:00Z");
    }

    #[test]
    fn a_schedule_counts_from_when_it_was_set() {
        let set = Past {
            set_at: at("2027-06-10T00:00:00Z"),
            ..past("2027-01-01T00:00:00Z")
        };
        // Older than an hour already: at once.
        assert_eq!(due(&Schedule::Hours(1), &set).unwrap(), "2027-06-10T00:00:00Z");
        let month_start = Schedule::Cron {
            expression: "0 0 1 * *".into(),
            zone: None,
        };
        assert_eq!(due(&month_start, &set).unwrap(), "2027-07-01T00:00:00Z");
    }

    #[test]
    fn a_type_that_was_still_being_read_is_due_as_soon_as_it_ends() {
        let late = Past {
            ended_at: Some(at("2027-03-01T11:30:00Z")),
            ..past("2027-03-01T10:00:00Z")
        };
        assert_eq!(due(&Schedule::Hours(1), &late).unwrap(), "2027-03-01T11:30:00Z");
    }

    #[test]
    fn a_refresh_in_between_does_not_take_a_calendar_s_turn() {
        let asked = Past {
            started_at: Some(at("2027-03-31T23:59:00Z")),
            ..past("2027-03-01T00:00:00Z")
        };
        let month_start = Schedule::Cron {
            expression: "0 0 1 * *".into(),
            zone: None,
        };
        assert_eq!(due(&month_start, &asked).unwrap(), "2027-04-01T00:00:00Z");
        assert_eq!(due(&Schedule::Monthly, &asked).unwrap(), "2027-04-30T23:59:00Z");
    }
}
