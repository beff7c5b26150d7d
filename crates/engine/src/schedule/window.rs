use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use ledgerline_model::run::Reason;
use ledgerline_model::setting::{History, Setting};
use ledgerline_model::{DataPeriod, DataType, Date, Days, Timestamp, Window};

/// Full months before the running one that a monthly Run reads anew.
const TRAILING_MONTHS: u32 = 3;

/// Marks are taken back by so much: platforms' clocks and indexes lag.
const OVERLAP: SignedDuration = SignedDuration::from_mins(5);

/// What is there of a type before it is read again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// The widest window that was read to its end.
    pub covered: Option<Window>,
    pub success_at: Option<Timestamp>,
    /// The oldest high-water mark of its feeds, in the platform's time.
    pub mark: Option<Timestamp>,
    /// What is stored was made by the connector's mapping of today.
    pub is_mapped: bool,
}

/// How far back a type is read by its setting.
///
/// By document date a scheduled Run reads the last months and what has changed since, once the whole window was
/// read: what has become wider since, or was made by an earlier mapping, is read whole.
pub(crate) fn window(
    setting: &Setting,
    reason: Reason,
    before: &Before,
    zone: &TimeZone,
    now: Timestamp,
) -> Window {
    let today = now.to_zoned(zone.clone()).date();
    let data_type = setting.data_type;
    let full = Window {
        // What was open when it was last read may be closed by now, and older than the window.
        changed_from: before
            .mark
            .filter(|_| is_windowed(setting) && data_type.is_dated())
            .and_then(|mark| mark.checked_sub(OVERLAP).ok()),
        ..whole(setting, zone, now)
    };
    let covered = before
        .covered
        .as_ref()
        .is_some_and(|covered| covered.covers(&full));
    let Some(success_at) = before.success_at else {
        return full;
    };
    if reason != Reason::Recurring || !is_windowed(setting) || !covered || !before.is_mapped {
        return full;
    }
    // A read of certain days is a success, but has moved no mark of statements.
    let brought_up = before.mark.map_or(success_at, |mark| mark.min(success_at));
    let last = brought_up.to_zoned(zone.clone()).date().min(today);
    let from = months_before(last.first_of_month(), TRAILING_MONTHS);
    if data_type.is_statement() {
        return Window {
            statement_months: Some(months_since(from, today).min(setting.months_to_sync)),
            trailing: true,
            ..Window::ALL
        };
    }
    match (full.documents_from, full.changed_from) {
        (Some(documents_from), Some(_)) => Window {
            documents_from: Some(documents_from.max(from)),
            trailing: true,
            ..full
        },
        (Some(_), None) | (None, _) => full,
    }
}

/// What is read of a type of which certain days are wanted: these, and what has changed since the last read.
/// `usual` is what would be read without them; a type that was never read is read so, and back to these days.
pub(crate) fn of_days(
    days: Days,
    data_type: DataType,
    before: &Before,
    usual: Window,
    today: Date,
) -> Window {
    let mark = before.success_at.and(before.mark);
    let changed_from = mark.and_then(|mark| mark.checked_sub(OVERLAP).ok());
    if data_type.is_statement() {
        return match changed_from {
            Some(_) => Window {
                statement_months: Some(months_since(days.from, days.to)),
                until: Some(days.to),
                ..Window::ALL
            },
            None => Window {
                statement_months: usual
                    .statement_months
                    .map(|months| months.max(months_since(days.from, today))),
                ..usual
            },
        };
    }
    if !data_type.is_dated() {
        return usual;
    }
    match changed_from {
        Some(_) => Window {
            documents_from: Some(days.from),
            until: Some(days.to),
            changed_from,
            ..Window::ALL
        },
        None => Window {
            documents_from: usual.documents_from.map(|from| from.min(days.from)),
            ..usual
        },
    }
}

const fn is_windowed(setting: &Setting) -> bool {
    matches!(setting.history, History::DocumentMonths(_))
}

/// All that the setting asks for.
fn whole(setting: &Setting, zone: &TimeZone, now: Timestamp) -> Window {
    let data_type = setting.data_type;
    if data_type.is_statement() {
        return Window {
            statement_months: Some(setting.months_to_sync.max(1)),
            ..Window::ALL
        };
    }
    let today = now.to_zoned(zone.clone());
    match setting.history {
        History::All => Window::ALL,
        History::ModifiedSince(since) => Window {
            modified_from: Some(since),
            ..Window::ALL
        },
        History::ModifiedMonths(months) => Window {
            modified_from: today
                .checked_sub(i64::from(months).months())
                .ok()
                .map(|from| from.timestamp()),
            ..Window::ALL
        },
        History::DocumentMonths(months) if data_type.is_dated() => Window {
            documents_from: Some(months_before(today.date().first_of_month(), months)),
            ..Window::ALL
        },
        History::DocumentMonths(_) => Window::ALL,
    }
}

/// The days that a Run is about: to the end of the last closed month. A Run by schedule of a document window is
/// about that month; others about all that they read.
pub(crate) fn data_period(
    settings: &[Setting],
    windows: &[Window],
    reason: Reason,
    zone: &TimeZone,
    now: Timestamp,
) -> DataPeriod {
    let running = now.to_zoned(zone.clone()).date().first_of_month();
    let end = running.yesterday().unwrap_or(running);
    let of_documents = settings.iter().find_map(|setting| match setting.history {
        History::DocumentMonths(months) => Some(months),
        History::All | History::ModifiedSince(_) | History::ModifiedMonths(_) => None,
    });
    let start = match (of_documents, reason) {
        (Some(_), Reason::Recurring) => Some(end.first_of_month()),
        (Some(months), Reason::Initial | Reason::OnDemand | Reason::AfterLink) => {
            Some(months_before(running, months))
        }
        (None, _) => earliest(windows, zone, running),
    };
    DataPeriod {
        start: start.map(|start| start.min(end)),
        end,
    }
}

/// `None`: one of them has no limit.
fn earliest(windows: &[Window], zone: &TimeZone, running: Date) -> Option<Date> {
    let mut earliest = running;
    for window in windows {
        let from = match (window.modified_from, window.statement_months) {
            (Some(from), _) => from.to_zoned(zone.clone()).date(),
            (None, Some(months)) => months_before(running, months.saturating_sub(1)),
            (None, None) => return None,
        };
        earliest = earliest.min(from);
    }
    Some(earliest)
}

/// How many calendar months lie from the month of `from` to that of `to`, both counted.
fn months_since(from: Date, to: Date) -> u32 {
    let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    u32::try_from(months(to) - months(from) + 1).unwrap_or(1).max(1)
}

fn months_before(first: Date, months: u32) -> Date {
    first.checked_sub(i64::from(months).months()).unwrap_or(Date::MIN)
}

#[cfg(test)]
mod tests {
    use ledgerline_model::company::Profile;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn accend(data_type: DataType) -> Setting {
        Setting::default_of(Profile::Accend, data_type)
    }

    #[test]
    fn the_first_run_reads_36_full_months_and_the_running_one() {
        let now = at("2026-11-20T23:10:00Z");
        let zone = TimeZone::get("Pacific/Auckland").unwrap();
        let read = |data_type, reason| window(&accend(data_type), reason, &Before::default(), &zone, now);
        let invoices = read(DataType::Invoices, Reason::Initial);
        assert_eq!(invoices.documents_from, Some(date("2023-11-01")));
        assert_eq!(
            read(DataType::BalanceSheet, Reason::Initial).statement_months,
            Some(37)
        );
        assert_eq!(read(DataType::Customers, Reason::Initial), Window::ALL);
        let period = data_period(&[accend(DataType::Invoices)], &[], Reason::Initial, &zone, now);
        assert_eq!(period.start, Some(date("2023-11-01")));
        assert_eq!(period.end, date("2026-10-31"));
    }

    #[test]
    fn a_monthly_run_reads_the_last_months_and_what_has_changed() {
        let zone = TimeZone::UTC;
        let first = at("2026-11-20T23:10:00Z");
        let before = |data_type| Before {
            covered: Some(whole(&accend(data_type), &zone, first)),
            success_at: Some(first),
            mark: Some(first),
            is_mapped: true,
        };
        let now = at("2026-12-01T00:00:00Z");
        let read = |data_type| {
            window(
                &accend(data_type),
                Reason::Recurring,
                &before(data_type),
                &zone,
                now,
            )
        };
        let invoices = read(DataType::Invoices);
        assert_eq!(
            (invoices.documents_from, invoices.trailing),
            (Some(date("2026-08-01")), true)
        );
        assert_eq!(invoices.changed_from, Some(at("2026-11-20T23:05:00Z")));
        assert_eq!(read(DataType::ProfitAndLoss).statement_months, Some(5));
        assert_eq!(read(DataType::Items), Window::ALL);
        let period = data_period(&[accend(DataType::Invoices)], &[], Reason::Recurring, &zone, now);
        assert_eq!(
            (period.start, period.end),
            (Some(date("2026-11-01")), date("2026-11-30"))
        );
        // Not yet read as far back as it should be: whole.
        let wider = Setting {
            history: History::DocumentMonths(48),
            ..accend(DataType::Invoices)
        };
        let found = window(&wider, Reason::Recurring, &before(DataType::Invoices), &zone, now);
        assert_eq!(
            (found.documents_from, found.trailing),
            (Some(date("2022-12-01")), false)
        );
        // Made by an earlier mapping: whole.
        let outdated = Before {
            is_mapped: false,
            ..before(DataType::Invoices)
        };
        let setting = accend(DataType::Invoices);
        let found = window(&setting, Reason::Recurring, &outdated, &zone, now);
        assert_eq!(
            (found.documents_from, found.trailing),
            (Some(date("2023-12-01")), false)
        );
    }

    #[test]
    fn certain_days_are_read_with_what_has_changed_and_stand_for_nothing_else() {
        let days = Days {
            from: date("2020-01-15"),
            to: date("2020-03-31"),
        };
        let mark = at("2026-11-20T23:10:00Z");
        let read = |data_type, before: &Before| {
            let now = at("2026-11-30T00:00:00Z");
            let usual = window(&accend(data_type), Reason::OnDemand, before, &TimeZone::UTC, now);
            of_days(days, data_type, before, usual, date("2026-11-30"))
        };
        let before = Before {
            covered: Some(Window::ALL),
            success_at: Some(mark),
            mark: Some(mark),
            is_mapped: true,
        };
        let invoices = read(DataType::Invoices, &before);
        assert_eq!(
            (invoices.documents_from, invoices.until),
            (Some(days.from), Some(days.to))
        );
        assert_eq!(invoices.changed_from, Some(at("2026-11-20T23:05:00Z")));
        assert!(!invoices.covers(&Window::ALL) && Window::ALL.covers(&invoices));
        let sheet = read(DataType::BalanceSheet, &before);
        assert_eq!((sheet.statement_months, sheet.until), (Some(3), Some(days.to)));
        assert_eq!(sheet.months(3, date("2026-11-30")), (date("2020-03-01"), 3));
        assert_eq!(read(DataType::Items, &before), Window::ALL);
        // Never read: as far back as these days, to today.
        let invoices = read(DataType::Invoices, &Before::default());
        assert_eq!((invoices.documents_from, invoices.until), (Some(days.from), None));
        let sheet = read(DataType::BalanceSheet, &Before::default());
        assert_eq!((sheet.statement_months, sheet.until), (Some(83), None));
    }

    #[test]
    fn after_certain_days_of_statements_the_months_since_the_read_before_are_still_due() {
        let zone = TimeZone::UTC;
        let first = at("2026-06-20T00:00:00Z");
        let before = Before {
            covered: Some(whole(&accend(DataType::ProfitAndLoss), &zone, first)),
            success_at: Some(at("2026-11-20T00:00:00Z")),
            mark: Some(first),
            is_mapped: true,
        };
        let found = window(
            &accend(DataType::ProfitAndLoss),
            Reason::Recurring,
            &before,
            &zone,
            at("2026-12-01T00:00:00Z"),
        );
        // March to December.
        assert_eq!(found.statement_months, Some(10));
    }

    #[test]
    fn codat_s_windows_are_by_modification_date() {
        let now = at("2027-03-31T12:00:00Z");
        let setting = |data_type, history| Setting {
            history,
            ..Setting::default_of(Profile::Codat, data_type)
        };
        let read = |data_type, history| {
            window(
                &setting(data_type, history),
                Reason::Recurring,
                &Before::default(),
                &TimeZone::UTC,
                now,
            )
        };
        let months = read(DataType::Bills, History::ModifiedMonths(1));
        assert_eq!(months.modified_from, Some(at("2027-02-28T12:00:00Z")));
        let since = read(
            DataType::Bills,
            History::ModifiedSince(at("2020-01-01T00:00:00Z")),
        );
        assert_eq!(since.modified_from, Some(at("2020-01-01T00:00:00Z")));
        assert_eq!(read(DataType::Bills, History::All), Window::ALL);
        assert_eq!(
            read(DataType::BalanceSheet, History::ModifiedMonths(1)).statement_months,
            Some(24)
        );
        let settings = [setting(DataType::Bills, History::ModifiedMonths(1))];
        let period = data_period(&settings, &[months], Reason::OnDemand, &TimeZone::UTC, now);
        assert_eq!(
            (period.start, period.end),
            (Some(date("2027-02-28")), date("2027-02-28"))
        );
        let period = data_period(&settings, &[Window::ALL], Reason::OnDemand, &TimeZone::UTC, now);
        assert_eq!(period.start, None);
    }
}
