use std::time::Duration;

use ledgerline_model::Timestamp;
use ledgerline_model::run::{Cause, Failure};
use ledgerline_platform::{Error, NeedsReauth};

use crate::jobs::backoff;
use crate::jobs::lease::later;

/// A read without a stored page for so long ends, announced pauses not counted.
const PATIENCE: Duration = Duration::from_secs(24 * 60 * 60);

/// Monthly quotas are announced as well; what is longer is a mistake.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(32 * 24 * 60 * 60);

/// A platform that loses its place so often in one read will not find it.
const RESTARTS: i64 = 3;

/// How the read stands when the platform refuses.
pub(super) struct Standing {
    pub now: Timestamp,
    /// Failures in a row, this one included.
    pub attempts: i64,
    pub last_progress_at: Timestamp,
    /// How often the read has started over.
    pub restarts: i64,
    /// 0 to 1.
    pub jitter: f64,
}

/// What to do about it.
#[derive(PartialEq, Debug)]
pub(super) enum Verdict {
    /// The same request again, at `until`; `last_progress_at` moves on by an announced pause.
    Pause {
        until: Timestamp,
        message: String,
        last_progress_at: Timestamp,
    },
    /// The same read from its beginning, for everything.
    StartOver,
    /// The Pulls that need the feed end.
    End {
        failure: Failure,
        cause: Option<Cause>,
        message: String,
    },
    /// Consent is gone: its connections learn of it, and the Pulls end.
    Lost { what: NeedsReauth, message: String },
}

/// Decide from the variant alone.
pub(super) fn judge(error: &Error, standing: &Standing) -> Verdict {
    let message = error.to_string();
    match error {
        Error::NeedsReauth(what, _) => Verdict::Lost { what: *what, message },
        Error::Forbidden { .. } => Verdict::End {
            failure: Failure::Permissions,
            cause: None,
            message,
        },
        Error::CursorExpired { .. } if standing.restarts < RESTARTS => Verdict::StartOver,
        Error::CursorExpired { .. } | Error::Rejected { .. } | Error::Unsupported { .. } => Verdict::End {
            failure: Failure::Fetch,
            cause: Some(Cause::Refused),
            message,
        },
        Error::RateLimited {
            retry_after: Some(wait),
        } if !wait.is_zero() => {
            let wait = (*wait).min(LONGEST_PAUSE);
            Verdict::Pause {
                until: later(standing.now, wait),
                message,
                last_progress_at: later(standing.last_progress_at, wait),
            }
        }
        Error::RateLimited { .. } => wait_or_end(standing, Failure::RateLimit, None, message),
        // A token that was just renewed and is refused again is the platform's fault, as the others are.
        Error::TokenExpired | Error::Unavailable { .. } => {
            wait_or_end(standing, Failure::Fetch, Some(Cause::Unavailable), message)
        }
        Error::Malformed { .. } => wait_or_end(standing, Failure::Fetch, Some(Cause::Malformed), message),
    }
}

fn wait_or_end(standing: &Standing, failure: Failure, cause: Option<Cause>, message: String) -> Verdict {
    if later(standing.last_progress_at, PATIENCE) <= standing.now {
        return Verdict::End {
            failure,
            cause,
            message,
        };
    }
    Verdict::Pause {
        until: later(standing.now, backoff::after(standing.attempts, standing.jitter)),
        message,
        last_progress_at: standing.last_progress_at,
    }
}

#[cfg(test)]
mod tests {
    use ledgerline_platform::Sent;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn standing(idle: Duration) -> Standing {
        Standing {
            now: later(Timestamp::UNIX_EPOCH, idle),
            attempts: 3,
            last_progress_at: Timestamp::UNIX_EPOCH,
            restarts: 0,
            jitter: 1.0,
        }
    }

    fn unavailable() -> Error {
        Error::Unavailable {
            sent: Sent::Maybe,
            reason: "503".into(),
        }
    }

    #[test]
    fn an_outage_is_waited_out_for_a_day() {
        let waiting = standing(23 * HOUR);
        let Verdict::Pause { until, .. } = judge(&unavailable(), &waiting) else {
            panic!("it should wait");
        };
        assert_eq!(until, later(waiting.now, Duration::from_secs(20)));
        let Verdict::End { failure, .. } = judge(&unavailable(), &standing(24 * HOUR)) else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::Fetch);
    }

    #[test]
    fn the_end_says_what_the_platform_did() {
        let malformed = Error::Malformed {
            reason: "half a page".into(),
        };
        let rejected = Error::Rejected {
            code: "400".into(),
            message: "no".into(),
            field: None,
        };
        for (error, expected) in [
            (unavailable(), Some(Cause::Unavailable)),
            (Error::TokenExpired, Some(Cause::Unavailable)),
            (malformed, Some(Cause::Malformed)),
            (rejected, Some(Cause::Refused)),
            (Error::Unsupported { what: "it".into() }, Some(Cause::Refused)),
            (Error::RateLimited { retry_after: None }, None),
        ] {
            let Verdict::End { cause, .. } = judge(&error, &standing(24 * HOUR)) else {
                panic!("{error} should end it");
            };
            assert_eq!(cause, expected, "{error}");
        }
    }

    #[test]
    fn an_announced_pause_does_not_count() {
        let limited = Error::RateLimited {
            retry_after: Some(20 * HOUR),
        };
        let Verdict::Pause {
            until,
            last_progress_at,
            ..
        } = judge(&limited, &standing(30 * HOUR))
        else {
            panic!("it should wait");
        };
        assert_eq!(until, later(Timestamp::UNIX_EPOCH, 50 * HOUR));
        assert_eq!(last_progress_at, later(Timestamp::UNIX_EPOCH, 20 * HOUR));
    }

    #[test]
    fn a_pause_has_a_length_that_can_be_believed() {
        let verdict = |seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            judge(&Error::RateLimited { retry_after }, &standing(HOUR))
        };
        let Verdict::Pause { until, .. } = verdict(u64::MAX) else {
            panic!("it should wait");
        };
        assert_eq!(until, later(Timestamp::UNIX_EPOCH, HOUR + LONGEST_PAUSE));
        // No pause at all is no announcement: it counts, and is not asked again at once.
        let Verdict::Pause {
            until,
            last_progress_at,
            ..
        } = verdict(0)
        else {
            panic!("it should wait");
        };
        assert!(until > later(Timestamp::UNIX_EPOCH, HOUR));
        assert_eq!(last_progress_at, Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn a_limit_without_an_end_counts_and_has_its_own_failure() {
        let limited = Error::RateLimited { retry_after: None };
        assert!(matches!(judge(&limited, &standing(HOUR)), Verdict::Pause { .. }));
        let Verdict::End { failure, .. } = judge(&limited, &standing(25 * HOUR)) else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::RateLimit);
    }

    #[test]
    fn a_lost_place_is_a_new_beginning_but_not_for_ever() {
        let expired = || Error::CursorExpired {
            reason: "too old".into(),
        };
        for restarts in 0..3 {
            let standing = Standing {
                restarts,
                ..standing(HOUR)
            };
            assert_eq!(judge(&expired(), &standing), Verdict::StartOver);
        }
        let standing = Standing {
            restarts: 3,
            ..standing(HOUR)
        };
        let Verdict::End { failure, .. } = judge(&expired(), &standing) else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::Fetch);
    }

    #[test]
    fn what_is_forbidden_ends_at_once_and_lost_consent_is_told() {
        let forbidden = Error::Forbidden { what: "bills".into() };
        let Verdict::End { failure, .. } = judge(&forbidden, &standing(HOUR)) else {
            panic!("it should end");
        };
        assert_eq!(failure, Failure::Permissions);
        let lost = Error::NeedsReauth(NeedsReauth::Connection, "gone".into());
        assert!(matches!(
            judge(&lost, &standing(HOUR)),
            Verdict::Lost {
                what: NeedsReauth::Connection,
                ..
            }
        ));
    }
}
