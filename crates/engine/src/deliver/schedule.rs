use std::time::Duration;

use ledgerline_model::Timestamp;

use super::Received;

/// Pauses before the second attempt, the third, … ; the first one is made at once.
const PAUSES: [Duration; 9] = [
    Duration::from_secs(5),
    minutes(5),
    minutes(30),
    minutes(2 * 60),
    minutes(5 * 60),
    minutes(10 * 60),
    minutes(14 * 60),
    minutes(20 * 60),
    minutes(24 * 60),
];

/// While deliveries wait, an endpoint is tried again this often.
pub(super) const PROBE: Duration = minutes(15);
/// An endpoint that has done nothing but fail for this long is disabled.
const PATIENCE: Duration = minutes(5 * 24 * 60);
/// No receiver may put an attempt off for longer than this.
const LONGEST_PAUSE: Duration = minutes(24 * 60);

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// What an attempt came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Delivered {
        status: u16,
    },
    /// For people; the status where there was an answer.
    Failed {
        status: Option<u16>,
        reason: String,
        retry_after: Option<Duration>,
        gone: bool,
    },
}

/// What follows from a failed attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Next {
    /// `None`: that was the last attempt.
    pub at: Option<Timestamp>,
    pub disable: bool,
}

pub(super) fn judge(answer: Result<Received, String>) -> Outcome {
    match answer {
        Ok(received) if received.status.is_success() => Outcome::Delivered {
            status: received.status.as_u16(),
        },
        Ok(received) => Outcome::Failed {
            status: Some(received.status.as_u16()),
            reason: format!("the receiver answered {}", received.status.as_u16()),
            retry_after: received.retry_after,
            gone: received.status == http::StatusCode::GONE,
        },
        Err(reason) => Outcome::Failed {
            status: None,
            reason,
            retry_after: None,
            gone: false,
        },
    }
}

/// After the attempt number `attempts` (from 1) has failed at `now`. `jitter` is any number: it moves the next attempt by
/// up to a tenth of the pause, so that what failed together does not come back together.
pub(super) fn after_failure(
    attempts: i64,
    failing_since: Timestamp,
    retry_after: Option<Duration>,
    gone: bool,
    now: Timestamp,
    jitter: u64,
) -> Next {
    let pause = usize::try_from(attempts - 1)
        .ok()
        .and_then(|index| PAUSES.get(index).copied());
    let at = pause.map(|pause| {
        let pause = pause.max(retry_after.unwrap_or_default().min(LONGEST_PAUSE));
        let tenth = u64::try_from(pause.as_millis() / 10).unwrap_or(u64::MAX).max(1);
        now + pause + Duration::from_millis(jitter % tenth)
    });
    let failing_for = Duration::try_from(now.duration_since(failing_since)).unwrap_or_default();
    Next {
        at,
        disable: gone || failing_for >= PATIENCE,
    }
}

/// Pauses before the second to the fourth attempt of deliveries that are not repeated for long.
const SHORT_PAUSES: [Duration; 3] = [
    Duration::from_secs(10),
    Duration::from_secs(50),
    Duration::from_secs(60),
];

/// Answers after which such a delivery is made again; any other is final.
const PASSING: [u16; 9] = [408, 420, 429, 460, 502, 503, 504, 522, 524];

/// The next attempt of a delivery that is repeated three times within two minutes, after number `attempts` (from 1)
/// has failed. The receiver may ask for up to a minute.
pub(super) fn soon_again(
    attempts: i64,
    status: Option<u16>,
    retry_after: Option<Duration>,
    now: Timestamp,
) -> Option<Timestamp> {
    if status.is_some_and(|status| !PASSING.contains(&status)) {
        return None;
    }
    let pause = SHORT_PAUSES.get(usize::try_from(attempts - 1).ok()?)?;
    Some(now + (*pause).max(retry_after.unwrap_or_default()).min(minutes(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn ten_attempts_over_three_days_then_none() {
        let pauses: Vec<_> = (1..=10)
            .map(|attempts| after_failure(attempts, at(0), None, false, at(0), 0).at)
            .map(|next| next.map(|next| next.duration_since(at(0)).as_secs()))
            .collect();
        let expected = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
        assert_eq!(pauses[..9], expected.map(Some));
        assert_eq!(pauses[9], None);
    }

    #[test]
    fn jitter_adds_less_than_a_tenth() {
        for jitter in [0, 1, 77_777, u64::MAX] {
            let next = after_failure(2, at(0), None, false, at(0), jitter).at.unwrap();
            assert!(next >= at(300) && next < at(330), "{next}");
        }
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_pause_but_not_for_ever() {
        let next = |seconds| {
            after_failure(1, at(0), Some(Duration::from_secs(seconds)), false, at(0), 0)
                .at
                .unwrap()
        };
        assert_eq!(next(60), at(60));
        assert_eq!(next(u64::MAX), at(86_400));
    }

    #[test]
    fn an_endpoint_is_disabled_after_five_days_of_failure_or_at_once_when_gone() {
        let day = 24 * 3600;
        assert!(!after_failure(3, at(0), None, false, at(5 * day - 1), 0).disable);
        assert!(after_failure(3, at(0), None, false, at(5 * day), 0).disable);
        assert!(after_failure(1, at(0), None, true, at(0), 0).disable);
    }

    #[test]
    fn short_deliveries_are_made_four_times_within_two_minutes_unless_the_answer_is_final() {
        let next = |attempts, status, seconds| {
            let retry_after = Some(Duration::from_secs(seconds));
            soon_again(attempts, status, retry_after, at(0)).map(|next| next.duration_since(at(0)).as_secs())
        };
        let pauses: Vec<_> = (1..=4).map(|attempts| next(attempts, Some(503), 0)).collect();
        assert_eq!(pauses, [Some(10), Some(50), Some(60), None]);
        assert_eq!(next(1, None, 0), Some(10));
        assert_eq!(next(1, Some(429), 30), Some(30));
        assert_eq!(next(1, Some(429), 3600), Some(60));
        for status in [400, 401, 404, 410, 500, 501, 302] {
            assert_eq!(next(1, Some(status), 0), None, "{status}");
        }
    }

    #[test]
    fn only_success_is_success() {
        let received = |status| Received {
            status: http::StatusCode::from_u16(status).unwrap(),
            retry_after: None,
        };
        for status in [200, 201, 204, 299] {
            assert_eq!(judge(Ok(received(status))), Outcome::Delivered { status });
        }
        for status in [301, 302, 400, 404, 410, 429, 500, 503] {
            let Outcome::Failed { gone, .. } = judge(Ok(received(status))) else {
                panic!("{status} is no success");
            };
            assert_eq!(gone, status == 410);
        }
    }
}
