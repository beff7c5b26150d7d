//! A plausible company from a seed.

mod chart;
/// One document of each type, with lines that fit its books; used by the generator and by [`crate::mutate`].
pub(crate) mod documents;
/// What the books of a platform can hold.
pub(crate) mod habits;
mod history;
pub(crate) mod people;
pub mod random;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ledger::{Address, AddressKind, Facts, Ledger, Opening, OpeningLine, Phone, PhoneKind, Platform};

use chart::Region;
use random::Random;

/// What the company is to be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub platform: Platform,
    pub seed: u64,
    /// Other books of the same seed: ids are of one organisation only.
    pub copy: u64,
    /// How long it has kept its books here.
    pub months: u32,
    /// How many invoices it sent in that time; everything else is in proportion.
    pub invoices: usize,
    /// Three letters, ISO 4217.
    pub currency: String,
    /// How many bank accounts are fed already.
    pub fed_accounts: usize,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            platform: Platform::Xero,
            seed: 1,
            copy: 0,
            months: 12,
            invoices: 120,
            currency: "GBP".to_owned(),
            fed_accounts: 0,
        }
    }
}

/// The books of a mid-sized company that sells goods and services, up to `now`. The same wish at the same time gives the same books, to the last id.
pub fn company(wish: &Wish, now: Timestamp) -> Ledger {
    let mut random = chance(wish);
    let region = Region::of(wish.platform, &wish.currency);
    let today = today(now);
    let start = today
        .first_of_month()
        .checked_sub(i64::from(wish.months).months())
        .unwrap_or(today);
    let founded = at(start, 8 * 3600).min(now);
    let opening = Opening {
        date: start.yesterday().unwrap_or(start),
        lines: Vec::new(),
    };
    let mut ledger = Ledger::empty(facts(wish, region, &mut random, founded), opening);
    chart::fill(&mut ledger, region, wish.fed_accounts, &mut random, founded);
    ledger.opening.lines = opening_lines(&ledger, wish, &mut random);
    habits::opening(&mut ledger, &mut random, founded);
    people::tracking(&mut ledger, &mut random, founded);
    people::items(&mut ledger, region, &mut random, founded);
    people::contacts(
        &mut ledger,
        region,
        &mut random,
        (wish.invoices / 20).clamp(40, 2_000),
        founded,
    );
    habits::people(&mut ledger);
    history::write(&mut ledger, wish, start, now, &mut random);
    ledger
}

/// The id that the organisation of a wish gets.
pub fn organisation_id(wish: &Wish) -> Uuid {
    chance(wish).id()
}

fn chance(wish: &Wish) -> Random {
    Random::new(wish.seed, &format!("company {}", wish.copy))
}

/// The calendar day that the books call today.
pub(crate) fn today(now: Timestamp) -> Date {
    now.to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// An instant of `date`, some seconds into the day.
pub(crate) fn at(date: Date, seconds: i64) -> Timestamp {
    date.to_zoned(jiff::tz::TimeZone::UTC)
        .map(|midnight| midnight.timestamp())
        .ok()
        .and_then(|midnight| midnight.checked_add(SignedDuration::from_secs(seconds)).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Foreign units per base unit, about.
pub(crate) fn usual_rate(base: &str, foreign: &str) -> Decimal {
    let in_dollars = |currency: &str| match currency {
        "GBP" => Decimal::new(127, 2),
        "EUR" => Decimal::new(109, 2),
        "AUD" => Decimal::new(66, 2),
        "NZD" => Decimal::new(61, 2),
        "CAD" => Decimal::new(73, 2),
        _ => Decimal::ONE,
    };
    (in_dollars(base) / in_dollars(foreign)).round_dp(6)
}

/// Where the company of `ledger` is.
pub(crate) fn region_of(ledger: &Ledger) -> Region {
    Region::of(ledger.facts.platform, &ledger.facts.base_currency)
}

fn facts(wish: &Wish, region: Region, random: &mut Random, founded: Timestamp) -> Facts {
    let id = random.id();
    let place = random.one_of([
        "Alder", "Beacon", "Copper", "Delta", "Ember", "Fjord", "Granite", "Heron",
    ]);
    let trade = random.one_of(["Office Supplies", "Interiors", "Workspaces", "Furnishings"]);
    let name = format!("{place} {trade} {}", wish.seed);
    let foreign = ["USD", "EUR", "GBP"]
        .into_iter()
        .filter(|currency| *currency != wish.currency);
    Facts {
        id,
        platform: wish.platform,
        legal_name: format!("{name} Limited"),
        base_currency: wish.currency.clone(),
        country_code: region.country_code.to_owned(),
        foreign_currencies: foreign.take(2).map(str::to_owned).collect(),
        line_of_business: format!("{trade}, sold and fitted"),
        tax_number: format!("{:09}", random.below(1_000_000_000)),
        registration_number: format!("{:08}", random.below(100_000_000)),
        year_end_month: region.year_end.0,
        year_end_day: region.year_end.1,
        time_zone: region.time_zone.to_owned(),
        period_lock_date: None,
        year_end_lock_date: None,
        short_code: format!("!{:05X}", random.below(0x10_0000)),
        website: format!("https://{}.example", place.to_lowercase()),
        addresses: vec![Address {
            kind: AddressKind::Postal,
            line1: format!("{} Harbour Street", random.between(1, 180)),
            line2: String::new(),
            city: "Eastgate".to_owned(),
            region: String::new(),
            postal_code: "AB1 2CD".to_owned(),
            country: region.country.to_owned(),
        }],
        phones: vec![Phone {
            kind: PhoneKind::Default,
            country_code: "00".to_owned(),
            area_code: "20".to_owned(),
            number: random.between(1_000_000, 9_999_999).to_string(),
        }],
        created_at: founded,
        name,
    }
}

/// Taken over from the books kept before; owner funds make up the difference.
fn opening_lines(ledger: &Ledger, wish: &Wish, random: &mut Random) -> Vec<OpeningLine> {
    let scale = 1 + wish.invoices as i64 / 200;
    let wanted = [
        ("090", random.money(4_000_000 * scale, 9_000_000 * scale)),
        ("091", random.money(2_000_000 * scale, 4_000_000 * scale)),
        ("095", -random.money(40_000, 190_000)),
        ("630", random.money(900_000, 2_500_000)),
        ("710", random.money(800_000, 1_800_000)),
        ("711", -random.money(100_000, 300_000)),
        ("720", random.money(1_500_000, 3_500_000)),
        ("721", -random.money(200_000, 600_000)),
        ("900", -random.money(2_000_000, 5_000_000)),
        ("960", -random.money(500_000, 1_500_000)),
    ];
    let mut lines: Vec<OpeningLine> = wanted
        .into_iter()
        .filter_map(|(code, amount)| {
            Some(OpeningLine {
                account: ledger.account_by_code(code)?.meta.id,
                amount,
            })
        })
        .collect();
    let rest = -lines.iter().map(|line| line.amount).sum::<Decimal>();
    lines.extend(ledger.account_by_code("970").map(|owner| OpeningLine {
        account: owner.meta.id,
        amount: rest,
    }));
    lines
}
