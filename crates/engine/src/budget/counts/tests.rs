use ledgerline_model::{from_micros, micros};

use super::window::USABLE;
use super::*;
use crate::jobs::lease::later;

const MINUTE: Quota = Quota {
    calls: 60,
    seconds: 60,
    remaining: None,
};
const DAY: Quota = Quota {
    calls: 100,
    seconds: 86_400,
    remaining: None,
};

fn at(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "small numbers of the tests")]
    let micros = (seconds * 1e6) as i64;
    from_micros(1_800_000_000_000_000 + micros)
}

fn ask(windows: &[Quota], purpose: Purpose, calls: u32, now: f64) -> Ask<'_> {
    Ask {
        windows,
        purpose,
        calls,
        now: at(now),
    }
}

/// One at a time, until there are no more.
fn drain(counts: &mut Counts, windows: &[Quota], purpose: Purpose, now: f64) -> (u32, Timestamp) {
    let mut taken = 0;
    loop {
        match counts.take(&ask(windows, purpose, 1, now)) {
            Answer::Taken { calls, .. } => taken += calls,
            Answer::Wait(until) => return (taken, until),
        }
    }
}

#[test]
fn pulls_leave_a_fifth_to_pushes() {
    let mut counts = Counts::default();
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 0.0).0, 48);
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::PassThrough, 0.0).0, 6);
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 0.0).0, 6);
    let mut counts = Counts::default();
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 0.0).0, 60);
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 0.0).0, 0);
}

#[test]
fn what_is_exhausted_opens_when_its_requests_are_older_than_the_window() {
    let mut counts = Counts::default();
    let (_, opens) = drain(&mut counts, &[MINUTE], Purpose::Pull, 1.0);
    assert_eq!(opens, at(62.5), "the slot of 2.5 s and a minute");
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 62.4).0, 0);
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 62.5).0, 48);
}

/// A request may be asked long after it was taken, at a moment when others are taken again.
#[test]
fn no_second_has_more_requests_than_its_limit_however_late_they_are_asked() {
    const SECOND: Quota = Quota {
        calls: 10,
        seconds: 1,
        remaining: None,
    };
    let mut counts = Counts::default();
    let mut asked: Vec<i64> = Vec::new();
    for step in 0..3000 {
        let now = at(f64::from(step) / 250.0);
        let asking = Ask {
            windows: &[SECOND],
            purpose: Purpose::Push,
            calls: 1 + u32::try_from(step % 3).unwrap(),
            now,
        };
        if let Answer::Taken { calls, until } = counts.take(&asking) {
            assert!(until >= later(now, USABLE));
            // One at once, one at the last moment, the others in between.
            let span = micros(until) - 1 - micros(now);
            asked.extend((0..i64::from(calls)).map(|one| micros(now) + span * one / 2));
        }
    }
    asked.sort_unstable();
    for (first, start) in asked.iter().enumerate() {
        let within = asked[first..].iter().take_while(|at| **at < start + 1_000_000);
        assert!(within.count() <= 10, "in the second from {start}");
    }
    assert!(asked.len() > 80, "{} in twelve seconds", asked.len());
}

/// Wherever the platform's minute begins, it sees no more than 60 requests of ours in it.
#[test]
fn no_minute_has_more_requests_than_its_limit() {
    let mut counts = Counts::default();
    let mut asked = Vec::new();
    for tenth in 0..6000 {
        let now = f64::from(tenth) / 10.0;
        let purpose = if tenth % 7 == 0 {
            Purpose::Push
        } else {
            Purpose::Pull
        };
        if let Answer::Taken { calls, .. } = counts.take(&ask(&[MINUTE], purpose, 1, now)) {
            asked.extend(std::iter::repeat_n(tenth, calls as usize));
        }
    }
    for start in 0..5400 {
        let within = asked
            .iter()
            .filter(|at| (start..start + 600).contains(*at))
            .count();
        assert!(within <= 60, "{within} in the minute from {start}");
    }
    assert!(asked.len() > 500, "{} in ten minutes", asked.len());
}

#[test]
fn the_room_is_what_could_be_taken() {
    let windows = [MINUTE, DAY];
    let mut counts = Counts::default();
    let room = |counts: &mut Counts, purpose, now| counts.room_until(&windows, purpose, at(now), at(now));
    assert_eq!(room(&mut counts, Purpose::Push, 0.0), 60);
    counts.take(&ask(&windows, Purpose::Pull, 1, 0.0));
    assert_eq!(room(&mut counts, Purpose::Push, 0.0), 55);
    assert_eq!(room(&mut counts, Purpose::Pull, 0.0), 43);
    drain(&mut counts, &windows, Purpose::Push, 1.0);
    assert_eq!(room(&mut counts, Purpose::Push, 1.0), 0);
    assert_eq!(room(&mut counts, Purpose::Push, 90.0), 40, "of the day");
    assert_eq!(counts.room_until(&[], Purpose::Push, at(0.0), at(9.0)), u32::MAX);
}

#[test]
fn the_room_of_some_seconds_is_what_can_be_taken_in_them() {
    const SECOND: Quota = Quota {
        calls: 10,
        seconds: 1,
        remaining: None,
    };
    let windows = [SECOND, MINUTE];
    let mut counts = Counts::default();
    assert_eq!(counts.room_until(&windows, Purpose::Push, at(0.0), at(4.0)), 40);
    assert_eq!(counts.room_until(&windows, Purpose::Push, at(0.0), at(40.0)), 60);
    let mut taken = 0;
    for tenth in 0..=40 {
        taken += drain(&mut counts, &windows, Purpose::Push, f64::from(tenth) / 10.0).0;
    }
    assert_eq!(taken, 40);
    let asking = ask(&windows, Purpose::Push, 3, 4.0);
    let opens = counts.opens_at(&asking);
    assert!(opens > Some(at(4.0)) && opens <= Some(at(4.5)), "{opens:?}");
    assert_eq!(counts.take(&asking), Answer::Wait(opens.unwrap()));
}

#[test]
fn the_day_counts_besides_the_minute() {
    let windows = [MINUTE, DAY];
    let mut counts = Counts::default();
    let (first, opens) = drain(&mut counts, &windows, Purpose::Pull, 0.0);
    assert_eq!((first, opens), (48, at(62.5)));
    let (second, opens) = drain(&mut counts, &windows, Purpose::Pull, 62.5);
    assert_eq!(second, 32, "80 a day");
    assert!(opens > at(86_400.0) && opens <= at(86_400.0 + 3600.0));
    assert_eq!(drain(&mut counts, &windows, Purpose::Pull, 90_001.0).0, 48);
}

#[test]
fn a_block_is_taken_at_once_and_its_rest_given_back() {
    let mut counts = Counts::default();
    let Answer::Taken { calls, until } = counts.take(&ask(&[MINUTE], Purpose::Pull, 1, 0.0)) else {
        panic!("there is room");
    };
    assert_eq!((calls, until), (5, at(2.5)));
    counts.give_back(&[MINUTE], Purpose::Pull, 4, at(0.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 10.0).0, 47);
}

#[test]
fn a_page_is_begun_only_if_all_its_requests_are_left() {
    let mut counts = Counts::default();
    for _ in 0..9 {
        counts.take(&ask(&[MINUTE], Purpose::Pull, 4, 0.0));
    }
    let three_left = counts.take(&ask(&[MINUTE], Purpose::Pull, 4, 0.0));
    assert_eq!(three_left, Answer::Wait(at(62.5)));
    // A limit that is smaller than what is asked for is no reason to wait for ever.
    let tiny = Quota { calls: 2, ..MINUTE };
    let mut counts = Counts::default();
    assert!(matches!(
        counts.take(&ask(&[tiny], Purpose::Pull, 4, 0.0)),
        Answer::Taken { calls: 1, .. }
    ));
}

#[test]
fn a_platform_that_has_more_left_than_its_limit_does_not_count() {
    let mut counts = Counts::default();
    drain(&mut counts, &[MINUTE], Purpose::Pull, 0.0);
    let seen = |left, now| Seen {
        seconds: 60,
        left,
        at: at(now),
    };
    counts.learn(&[MINUTE], seen(60, 0.0), at(0.0));
    for _ in 0..100 {
        let answer = counts.take(&ask(&[MINUTE], Purpose::Pull, 1, 0.0));
        assert!(matches!(answer, Answer::Taken { calls: 30, .. }), "{answer:?}");
    }
    counts.learn(&[MINUTE], seen(59, 1.0), at(1.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Pull, 1.0).0, 47);
}

#[test]
fn what_others_took_is_left_to_them() {
    let mut counts = Counts::default();
    drain(&mut counts, &[MINUTE], Purpose::Pull, 0.0);
    let seen = Seen {
        seconds: 60,
        left: 2,
        at: at(0.0),
    };
    counts.learn(&[MINUTE], seen, at(0.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 0.0).0, 2);
    // The same answer again tells nothing new; an old one may be about a minute that is over.
    counts.learn(&[MINUTE], seen, at(0.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 62.5).0, 60);
    let mut counts = Counts::default();
    counts.learn(&[MINUTE], seen, at(30.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 30.0).0, 60);
}

#[test]
fn a_lower_limit_than_ours_is_shared_in_the_same_way() {
    let mut counts = Counts::default();
    counts.take(&ask(&[DAY], Purpose::Pull, 1, 0.0));
    counts.give_back(&[DAY], Purpose::Pull, 7, at(0.0));
    let seen = Seen {
        seconds: 86_400,
        left: 19,
        at: at(0.0),
    };
    counts.learn(&[DAY], seen, at(0.0));
    assert_eq!(
        drain(&mut counts, &[DAY], Purpose::Pull, 0.0).0,
        15,
        "80 % of 20 but one"
    );
}

#[test]
fn a_pull_that_waits_gets_its_turn_while_a_push_takes_all_there_is() {
    const SECOND: Quota = Quota {
        calls: 10,
        seconds: 1,
        remaining: None,
    };
    for (window, wanted, step) in [(SECOND, 5, 0.02), (MINUTE, 4, 1.0)] {
        let windows = [window];
        let mut counts = Counts::default();
        let (mut pushed, mut pulled, mut again) = (0, 0, 0.0);
        for turn in 0..600 {
            let now = f64::from(turn) * step;
            pushed += drain(&mut counts, &windows, Purpose::Push, now).0;
            if now >= again {
                match counts.take(&ask(&windows, Purpose::Pull, wanted, now)) {
                    Answer::Taken { calls, .. } => pulled += calls,
                    Answer::Wait(until) => again = (until - at(0.0)).total(jiff::Unit::Second).unwrap(),
                }
            }
        }
        let [window] = windows;
        let all = f64::from(window.calls) * 600.0 * step / f64::from(window.seconds);
        let (pushed, pulled) = (f64::from(pushed) / all, f64::from(pulled) / all);
        assert!(pulled > 0.05 && pushed > 0.3, "{pulled} pulled, {pushed} pushed");
    }
    // One that never comes back is not waited for.
    let mut counts = Counts::default();
    drain(&mut counts, &[MINUTE], Purpose::Push, 0.0);
    counts.take(&ask(&[MINUTE], Purpose::Pull, 4, 1.0));
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 63.0).0, 48);
    assert_eq!(drain(&mut counts, &[MINUTE], Purpose::Push, 190.0).0, 60);
}

#[test]
fn counts_are_kept_as_text() {
    let mut counts = Counts::default();
    counts.take(&ask(&[MINUTE, DAY], Purpose::Push, 3, 0.0));
    let text = serde_json::to_string(&counts).unwrap();
    assert_eq!(serde_json::from_str::<Counts>(&text).unwrap(), counts);
    assert!(text.len() < 300, "{text}");
}
