use crate::company::Profile;
use crate::{DataType, Timestamp};

/// How fresh one data type is kept, and how far back it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    pub data_type: DataType,
    pub fetch_on_first_link: bool,
    pub schedule: Schedule,
    /// Types with lower numbers are queued first.
    pub order: i64,
    pub history: History,
    /// Of statements: so many calendar months, the running one included.
    pub months_to_sync: u32,
    /// The app's: no company may have it otherwise.
    pub is_locked: bool,
    /// A schedule counts from here, not before.
    pub set_at: Timestamp,
}

/// When a data type is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Schedule {
    None,
    /// So many hours after the start of the last Run that read the type.
    Hours(u32),
    /// One calendar month (UTC) after that start, clamped to the month's end.
    Monthly,
    /// By the calendar: five fields (minute, hour, day of month, month, day of week) in this zone, or in the
    /// company's.
    Cron {
        expression: String,
        zone: Option<String>,
    },
}

/// How far back a data type is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum History {
    All,
    /// What was modified at the platform since.
    ModifiedSince(Timestamp),
    /// What was modified at the platform in so many months.
    ModifiedMonths(u32),
    /// Documents of so many full months and of the running one, and older ones that are still open; types without
    /// a document date whole.
    DocumentMonths(u32),
}

/// The 1st of each month at 00:00.
pub const MONTH_START: &str = "0 0 1 * *";

/// Months of statements unless a setting says otherwise.
pub const STATEMENT_MONTHS: u32 = 24;

/// Full months of history that the `accend` profile reads first.
pub const ACCEND_MONTHS: u32 = 36;

impl Setting {
    /// What holds where nothing was set.
    ///
    /// Codat: everything is fetched on the first link, all of its history (24 months of statements), and nothing
    /// by itself afterwards. Accend: 36 months, then each month.
    pub fn default_of(profile: Profile, data_type: DataType) -> Self {
        let (schedule, history, months_to_sync) = match profile {
            Profile::Codat => (Schedule::None, History::All, STATEMENT_MONTHS),
            Profile::Accend => (
                Schedule::Cron {
                    expression: MONTH_START.to_owned(),
                    zone: None,
                },
                History::DocumentMonths(ACCEND_MONTHS),
                ACCEND_MONTHS + 1,
            ),
        };
        Self {
            data_type,
            fetch_on_first_link: true,
            schedule,
            order: 0,
            history,
            months_to_sync,
            is_locked: false,
            set_at: Timestamp::UNIX_EPOCH,
        }
    }
}
