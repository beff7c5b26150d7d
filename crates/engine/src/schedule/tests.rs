//! A virtual year, walked from one due instant to the next, with downtime and Runs that take long.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use ledgerline_model::setting::{MONTH_START, Schedule};
use ledgerline_model::{DataType, Timestamp};
use proptest::prelude::*;

use super::{Due, Past, State, due};

/// All hemispheres, half and quarter hours, gaps at midnight, of half an hour, and none at all.
#[rustfmt::skip]
const ZONES: [&str; 60] = [
    "UTC",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Rome",
    "Europe/Zurich",
    "Europe/Athens",
    "Europe/Helsinki",
    "Europe/Kyiv",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Europe/Chisinau",
    "Atlantic/Azores",
    "Atlantic/Reykjavik",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Johannesburg",
    "Africa/Lagos",
    "Africa/Nairobi",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "America/Halifax",
    "America/St_Johns",
    "America/Nuuk",
    "America/Havana",
    "America/Bogota",
    "America/Caracas",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Santiago",
    "America/Asuncion",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Perth",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Kiritimati",
];

const CRONS: [&str; 6] = [
    MONTH_START,
    "30 2 * * *",
    "0 0 * * *",
    "15 1,2,3 * * SUN",
    "0 9 * * MON-FRI",
    "0 0 L * *",
];

/// One type of a connection through the year.
struct Life {
    state: State,
    busy_until: Timestamp,
    /// Start and period of each Run.
    runs: Vec<(Timestamp, String)>,
}

impl Life {
    fn new(schedule: Schedule, zone: TimeZone, from: Timestamp) -> Self {
        let past = Past {
            linked_at: from,
            set_at: from,
            started_at: Some(from),
            scheduled_at: Some(from),
            ended_at: Some(from),
        };
        let state = State {
            data_type: DataType::Invoices,
            schedule,
            zone,
            is_active: false,
            past,
        };
        Self {
            state,
            busy_until: from,
            runs: Vec::new(),
        }
    }

    /// What a server does that looks now: any number of times with the same result.
    fn look(&mut self, now: Timestamp, takes: SignedDuration) -> Option<Timestamp> {
        if self.state.is_active && now >= self.busy_until {
            self.state.is_active = false;
            self.state.past.ended_at = Some(self.busy_until);
        }
        if self.state.is_active {
            return Some(self.busy_until);
        }
        match due(std::slice::from_ref(&self.state), now) {
            Due::Now { period, .. } => {
                self.runs.push((now, period));
                self.state.past.started_at = Some(now);
                self.state.past.scheduled_at = Some(now);
                self.state.is_active = true;
                self.busy_until = now + takes;
                Some(self.busy_until)
            }
            Due::Later(at) => Some(at),
            Due::Never => None,
        }
    }
}

/// Walk a year in which the server is down now and then. Each is (begins after hours, lasts hours).
fn walk(schedule: Schedule, zone: &str, down: &[(i64, i64)], takes_minutes: i64) -> Life {
    let from: Timestamp = "2026-12-15T10:11:12.5Z".parse().unwrap();
    let to = from + SignedDuration::from_hours(366 * 24);
    let down: Vec<_> = down
        .iter()
        .map(|&(after, lasts)| {
            let begins = from + SignedDuration::from_hours(after);
            (begins, begins + SignedDuration::from_hours(lasts))
        })
        .collect();
    let mut life = Life::new(schedule, TimeZone::get(zone).unwrap(), from);
    let mut now = from;
    while now < to {
        if let Some((_, up)) = down.iter().find(|(begins, ends)| (*begins..*ends).contains(&now)) {
            now = *up;
            continue;
        }
        match life.look(now, SignedDuration::from_mins(takes_minutes)) {
            // The timer never comes too late, and not before its time.
            Some(at) => now = at.max(now + SignedDuration::from_nanos(1000)),
            None => break,
        }
    }
    life
}

/// No period has two Runs.
fn assert_once(life: &Life, what: &str) {
    let periods: BTreeSet<&String> = life.runs.iter().map(|(_, period)| period).collect();
    assert_eq!(periods.len(), life.runs.len(), "{what}: {:?}", life.runs);
}

#[test]
fn in_every_zone_each_month_has_one_run_at_its_first_midnight() {
    for zone in ZONES {
        let schedule = Schedule::Cron {
            expression: MONTH_START.into(),
            zone: None,
        };
        let life = walk(schedule, zone, &[], 60);
        assert_once(&life, zone);
        assert_eq!(life.runs.len(), 12, "{zone}: {:?}", life.runs);
        for (at, _) in &life.runs {
            let local = at.to_zoned(TimeZone::get(zone).unwrap());
            assert_eq!(local.day(), 1, "{zone}: {local}");
            let is_first_instant = local.start_of_day().unwrap().timestamp() == *at;
            assert!(is_first_instant, "{zone}: {local}");
        }
    }
}

#[test]
fn every_cron_of_every_zone_comes_once_a_local_occurrence() {
    for zone in ZONES {
        for expression in CRONS {
            let schedule = Schedule::Cron {
                expression: expression.into(),
                zone: Some(zone.into()),
            };
            let life = walk(schedule, zone, &[], 1);
            assert_once(&life, zone);
            // However often the clocks show a time, a civil time has one Run.
            let mut civil = BTreeMap::<_, u32>::new();
            for (at, _) in &life.runs {
                *civil
                    .entry(at.to_zoned(TimeZone::get(zone).unwrap()).datetime())
                    .or_default() += 1;
            }
            assert!(
                civil.values().all(|runs| *runs == 1),
                "{zone} {expression}: {civil:?}"
            );
            let expected = match expression {
                MONTH_START | "0 0 L * *" => 12,
                "30 2 * * *" | "0 0 * * *" => 365,
                "15 1,2,3 * * SUN" => 156,
                _ => 261,
            };
            // A year and a day; two times on the day of a gap may be one.
            assert!(
                (expected - 2..=expected + 3).contains(&life.runs.len()),
                "{zone} {expression}: {}",
                life.runs.len()
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn after_downtime_what_fell_due_runs_once(
        zone in 0..ZONES.len(),
        kind in 0..8usize,
        down in proptest::collection::vec((0i64..8700, 1i64..2000), 0..6),
        takes_minutes in 1i64..300,
    ) {
        let (schedule, hours) = match kind {
            0 => (Schedule::Hours(1), 1),
            1 => (Schedule::Hours(24), 24),
            2 => (Schedule::Hours(168), 168),
            3 => (Schedule::Monthly, 31 * 24),
            other => {
                let expression = CRONS[other - 4].to_owned();
                let hours = if other == 4 { 31 * 24 + 2 } else { 7 * 24 };
                (Schedule::Cron { expression, zone: None }, hours)
            }
        };
        let life = walk(schedule.clone(), ZONES[zone], &down, takes_minutes);
        assert_once(&life, ZONES[zone]);
        let from = "2026-12-15T10:11:12.5Z".parse::<Timestamp>().unwrap();
        let mut before = from;
        for (at, period) in &life.runs {
            let due: Timestamp = period.parse().unwrap();
            prop_assert!(due <= *at, "never before it is due");
            prop_assert!(due > before, "a period begins behind the Run before");
            let since = at.duration_since(before);
            if !matches!(schedule, Schedule::Cron { .. }) {
                let shortest = if hours > 168 { 28 * 24 } else { hours };
                prop_assert!(since >= SignedDuration::from_hours(shortest), "{since:?}");
            }
            // No period is left out but by downtime or a Run that takes longer.
            let slack: i64 = down.iter().map(|(_, lasts)| lasts).sum::<i64>() + 6;
            prop_assert!(since <= SignedDuration::from_hours(hours + slack), "{since:?}");
            before = *at;
        }
        // The first look after a downtime finds one Run due at most.
        for (after, lasts) in &down {
            let up = from + SignedDuration::from_hours(after + lasts);
            prop_assert!(life.runs.iter().filter(|(at, _)| *at == up).count() <= 1);
        }
    }
}
