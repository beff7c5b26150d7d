//! Bugs that a test build can have on purpose, so that one can see whether the tests catch them.
//!
//! Without the feature `planted` no bug is there, and the compiler knows it.

macro_rules! bugs {
    ($($(#[doc = $doc:literal])+ $bug:ident = $name:literal,)+) => {
        /// What can be wrong.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Bug {
            $($(#[doc = $doc])+ $bug,)+
        }

        impl Bug {
            pub const ALL: &[Self] = &[$(Self::$bug),+];

            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$bug => $name,)+
                }
            }
        }
    };
}

bugs! {
    /// A page that cannot be read is taken for the end of the list: what stands behind it is swept.
    SweepAfterPartialRead = "sweep-after-partial-read",
    /// The cursor is committed a moment before the rows of its page.
    CursorBeforeRows = "cursor-before-rows",
    /// Whoever lost a job commits all the same.
    NoFence = "no-fence",
    /// Everybody refreshes a token who wants to.
    RefreshWithoutLease = "refresh-without-lease",
    /// Publications are numbered by a sequence, not under the lock of the app's row.
    NumberWithoutLock = "number-without-lock",
    /// A type can be read while its first load is under way.
    ReadableBeforePublication = "readable-before-publication",
    /// What a Pull had staged when it failed is applied.
    StagedOfFailedPull = "staged-of-failed-pull",
    /// Events are written a moment after the change, in a transaction of their own.
    EventOutsideTransaction = "event-outside-transaction",
    /// The next read begins strictly after the mark: what changed within its second is never read.
    StrictCursor = "strict-cursor",
    /// The mark is our clock at the end of the read.
    MarkOfOurClock = "mark-of-our-clock",
    /// The mark is the platform's clock at the last answer of the read.
    MarkOfLastAnswer = "mark-of-last-answer",
    /// A record with the same hash is the same, even if it is marked as deleted here.
    HashIgnoresDeletion = "hash-ignores-deletion",
    /// Whoever saw that a period is due makes its Run a moment later, whoever has made it meanwhile: there is neither
    /// a fence nor a key of the period.
    ScheduleWithoutKey = "schedule-without-key",
    /// Each attempt to write an expense has a key of its own.
    KeyPerAttempt = "key-per-attempt",
    /// What may have been written is written again without a look.
    ResendWithoutSearch = "resend-without-search",
    /// An expense is sent before it is stored that it will be.
    StatusBeforeIntent = "status-before-intent",
    /// An expense gets another revision, and with it another key, while its outcome is unknown.
    RevisionWhileUnknown = "revision-while-unknown",
}

impl Bug {
    /// Whether only what writes into the books has it.
    pub const fn is_of_pushes(self) -> bool {
        matches!(
            self,
            Self::KeyPerAttempt
                | Self::ResendWithoutSearch
                | Self::StatusBeforeIntent
                | Self::RevisionWhileUnknown
        )
    }
}

/// Whether the server has this bug.
#[cfg(not(feature = "planted"))]
#[inline]
pub const fn is(_: Bug) -> bool {
    false
}

/// Whether the server has this bug: the one that `LEDGERLINE_TEST_PLANTED` names.
#[cfg(feature = "planted")]
pub fn is(bug: Bug) -> bool {
    static PLANTED: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let planted = PLANTED.get_or_init(|| std::env::var("LEDGERLINE_TEST_PLANTED").ok());
    planted.as_deref() == Some(bug.name())
}
