use std::collections::BTreeSet;

use jiff::civil::{DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use ledgerline_model::DataType::{self, Bills, Customers, Invoices};
use ledgerline_model::Timestamp;
use ledgerline_model::company::{Company, Profile};
use ledgerline_model::run::Extent;
use ledgerline_model::setting::Schedule;

use super::schedules::set_of;
use super::world::{World, on_both_stores};

/// North and south, clocks that are set by half an hour, at midnight, at two in the morning, and not at all.
const ZONES: [&str; 5] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Asia/Kolkata",
];

/// Hours between two looks.
const LOOK: i64 = 3;

/// Days of the year on which no server runs: over the end of a month, over spring's and autumn's change of clocks.
const DOWN: [(i64, i64); 3] = [(14, 36), (70, 73), (287, 291)];

/// When each of a company's types is due, as a calendar on the wall says it.
struct Wall {
    company: Company,
    types: Vec<(DataType, Rule, Timestamp)>,
    /// Period and types of the Runs that there should be.
    expected: Vec<(String, BTreeSet<DataType>)>,
}

enum Rule {
    Hours(i64),
    Monthly,
    On(Vec<Timestamp>),
}

impl Rule {
    fn next(&self, last: Timestamp) -> Timestamp {
        match self {
            Self::Hours(hours) => last + SignedDuration::from_hours(*hours),
            Self::Monthly => {
                let month_later = last.to_zoned(TimeZone::UTC).checked_add(1.month());
                month_later.unwrap().timestamp()
            }
            Self::On(days) => *days.iter().find(|day| **day > last).unwrap(),
        }
    }
}

impl Wall {
    /// Somebody looks: what is due by now is one Run.
    fn look(&mut self, now: Timestamp) {
        let due =
            |(_, rule, last): &(DataType, Rule, Timestamp)| Some(rule.next(*last)).filter(|at| *at <= now);
        let Some(period) = self.types.iter().filter_map(due).min() else {
            return;
        };
        let mut read = BTreeSet::new();
        for entry in &mut self.types {
            if due(entry).is_some() {
                entry.2 = now;
                read.insert(entry.0);
            }
        }
        self.expected.push((period.to_string(), read));
    }
}

/// The first instant of each such day at which its clocks show at least that time, to a quarter of an hour.
fn days(zone: &TimeZone, from: Timestamp, is_meant: impl Fn(DateTime) -> bool) -> Vec<Timestamp> {
    let quarter = SignedDuration::from_mins(15);
    let (mut found, mut last) = (Vec::new(), None);
    let mut at = from;
    while at < from + SignedDuration::from_hours(24 * 400) {
        let civil = zone.to_datetime(at);
        if is_meant(civil) && last != Some(civil.date()) {
            last = Some(civil.date());
            found.push(at);
        }
        at += quarter;
    }
    found
}

#[tokio::test]
async fn through_a_year_with_downtime_each_period_has_one_run() {
    on_both_stores(10, async |world| {
        for data_type in [Invoices, Bills, Customers] {
            world.books.put(data_type, "1", "the only one");
        }
        let start = world.engine.now();
        let mut walls = Vec::new();
        for name in ZONES {
            let zone = TimeZone::get(name).unwrap();
            // The calendar's day had begun already when the books were linked.
            let midnight = start - SignedDuration::from_hours(48);
            let sundays = days(&zone, midnight, |civil| {
                civil.date().weekday() == Weekday::Sunday && (civil.hour(), civil.minute()) >= (2, 30)
            });
            let firsts = days(&zone, midnight, |civil| civil.day() == 1);

            let company = linked(&world, Profile::Codat, name).await;
            let on_sundays = Schedule::Cron {
                expression: "30 2 * * SUN".into(),
                zone: None,
            };
            let schedules = [
                (Invoices, Schedule::Hours(168)),
                (Bills, Schedule::Monthly),
                (Customers, on_sundays),
            ];
            set_of(&world, &company, &schedules).await;
            walls.push(Wall {
                company,
                types: vec![
                    (Invoices, Rule::Hours(168), start),
                    (Bills, Rule::Monthly, start),
                    (Customers, Rule::On(sundays), start),
                ],
                expected: Vec::new(),
            });

            let company = linked(&world, Profile::Accend, name).await;
            let monthly = |data_type| (data_type, Rule::On(firsts.clone()), start);
            walls.push(Wall {
                company,
                types: vec![monthly(Invoices), monthly(Bills), monthly(Customers)],
                expected: Vec::new(),
            });
        }
        for look in 1..=365 * 24 / LOOK {
            world.advance(u64::try_from(LOOK * 3600).unwrap());
            let day = look * LOOK / 24;
            if DOWN.iter().any(|(from, to)| (*from..*to).contains(&day)) {
                continue;
            }
            world.run_jobs().await;
            let now = world.engine.now();
            walls.iter_mut().for_each(|wall| wall.look(now));
        }
        for wall in walls {
            assert_as_on(&world, &wall).await;
        }
    })
    .await;
}

/// A company whose first Run has ended.
async fn linked(world: &World, profile: Profile, zone: &str) -> Company {
    let company = world.another(profile, zone).await;
    world.ask_of(&company, Extent::Changes).await;
    world.run_jobs().await;
    company
}

async fn assert_as_on(world: &World, wall: &Wall) {
    let zone = wall.company.zone.as_deref().unwrap();
    let mut told = world.completed_runs_of(&wall.company).await;
    assert_eq!(told.remove(0).reason, "initial");
    let told: Vec<(String, BTreeSet<DataType>)> = told
        .into_iter()
        .map(|run| {
            assert_eq!(run.reason, "recurring");
            let data_types = run.pulls.iter().map(|pull| pull.data_type).collect();
            (run.period.unwrap(), data_types)
        })
        .collect();
    let periods: BTreeSet<&String> = told.iter().map(|(period, _)| period).collect();
    assert_eq!(periods.len(), told.len(), "{zone}: a period has one Run");
    assert!(told.len() >= 11, "{zone}: only {} Runs", told.len());
    for (index, (told, expected)) in told.iter().zip(&wall.expected).enumerate() {
        assert_eq!(told, expected, "{zone}: Run {index}");
    }
    assert_eq!(told.len(), wall.expected.len(), "{zone}");
}
