use std::time::Duration;

use ledgerline_model::{Timestamp, from_micros, micros};
use ledgerline_platform::Quota;
use serde::{Deserialize, Serialize};

use crate::jobs::lease::later;

/// What a request is for: the more pressing, the larger the share of a budget that it may use.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Purpose {
    /// Reading feeds: 80 %.
    Pull,
    /// The app asks the platform itself: with pulls 90 %.
    PassThrough,
    /// Writing into the books, and whatever else a customer waits for: all of it.
    Push,
}

impl Purpose {
    const ALL: [Self; 3] = [Self::Pull, Self::PassThrough, Self::Push];

    /// In percent; holds for the purpose and all that are less pressing, together.
    const fn share(self) -> u64 {
        match self {
            Self::Pull => 80,
            Self::PassThrough => 90,
            Self::Push => 100,
        }
    }
}

/// Requests that were taken from the windows of one scope.
///
/// A window is cut into slots, and a request counts until its slot is over by the whole window: in no span of the
/// window's length are there more requests than it has, wherever the platform's own windows begin.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Counts(Vec<Counted>);

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
struct Counted {
    seconds: u32,
    /// The platform said after a request that all were left: it does not count.
    #[serde(default)]
    free: bool,
    slots: Vec<Slot>,
    /// A pull that could have had more of its share if pushes had not taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    waiting: Option<Waiting>,
}

/// Who waits, since which slot, for how many requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct Waiting {
    slot: i64,
    calls: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
struct Slot {
    number: i64,
    /// By [`Purpose`].
    taken: [u32; 3],
    /// Requests that the platform counted and that are not ours: another server's with the same OAuth app, or a
    /// limit that is lower than the one that we know.
    #[serde(default)]
    elsewhere: u32,
}

/// What is asked of a budget.
pub(super) struct Ask<'a> {
    pub windows: &'a [Quota],
    pub purpose: Purpose,
    /// At least so many requests.
    pub calls: u32,
    pub now: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Answer {
    /// So many, to be used before `until`.
    Taken {
        calls: u32,
        until: Timestamp,
    },
    Wait(Timestamp),
}

/// What the platform said to be left of a window.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Seen {
    pub seconds: u32,
    pub left: u32,
    pub at: Timestamp,
}

/// Slots of a window. Their number decides how much longer than the window a request counts: up to a 24th.
const SLOTS: i64 = 24;
/// What was taken may be used for at least so long: of a window of a second a slot alone would be over before the request
/// is on its way.
const USABLE: Duration = Duration::from_millis(60);
/// A block is this part of a window: what a process takes at once, so that not each request is written down.
const BLOCKS: u32 = 12;
/// The same of a window whose slots are over within moments: what is not used of it counts for as short a time.
const BRIEF_BLOCKS: u32 = 3;

impl Counts {
    /// Take a block, or say when there will be enough.
    pub(super) fn take(&mut self, ask: &Ask<'_>) -> Answer {
        if let Some(at) = self.opens_at(ask) {
            if ask.purpose == Purpose::Pull {
                self.wait(ask);
            }
            return Answer::Wait(at);
        }
        let mut calls = u32::MAX;
        let mut until = Timestamp::MAX;
        for window in ask.windows {
            let counted = self.of(window.seconds, ask.now);
            let enough = ask.calls.min(counted.most(window, ask.purpose));
            let room = counted.room(window, ask.purpose, number(window.seconds, ask.now));
            let block = if counted.free {
                window.calls / 2
            } else if usable(window) < Duration::from_secs(1) {
                window.calls / BRIEF_BLOCKS
            } else {
                window.calls / BLOCKS
            };
            calls = calls.min(room.min(block.max(enough)));
            let last = slot_of(window.seconds, ask.now);
            until = until.min(slot_start(window.seconds, last.saturating_add(1)));
        }
        for window in ask.windows {
            let counted = self.of(window.seconds, ask.now);
            if ask.purpose == Purpose::Pull {
                counted.waiting = None;
            }
            if !counted.free {
                let taken = &mut counted.slot(slot_of(window.seconds, ask.now)).taken[ask.purpose as usize];
                *taken = taken.saturating_add(calls);
            }
        }
        Answer::Taken { calls, until }
    }

    /// Pushes leave a pull what it waits for, where its own share has it.
    fn wait(&mut self, ask: &Ask<'_>) {
        for window in ask.windows {
            let current = number(window.seconds, ask.now);
            let counted = self.of(window.seconds, ask.now);
            let pulled = counted.taken(Purpose::Pull, current).saturating_add(ask.calls);
            let is_pushed_aside = counted.room(window, Purpose::Pull, current) < ask.calls;
            if is_pushed_aside && pulled <= share(window.calls, Purpose::Pull) {
                counted.waiting = Some(Waiting {
                    slot: current,
                    calls: ask.calls,
                });
            }
        }
    }

    /// When there will be enough; `None`: there is now.
    pub(super) fn opens_at(&mut self, ask: &Ask<'_>) -> Option<Timestamp> {
        let waits = ask.windows.iter().filter_map(|window| {
            let counted = self.of(window.seconds, ask.now);
            let enough = ask.calls.min(counted.most(window, ask.purpose));
            let room = counted.room(window, ask.purpose, number(window.seconds, ask.now));
            (room < enough).then(|| counted.opens_at(window, ask.purpose, enough, ask.now))
        });
        waits.max()
    }

    /// How many could be taken one after the other from now `until` then, if nobody else takes any.
    pub(super) fn room_until(
        &mut self,
        windows: &[Quota],
        purpose: Purpose,
        now: Timestamp,
        until: Timestamp,
    ) -> u32 {
        let rooms = windows.iter().map(|window| {
            let (current, last) = (number(window.seconds, now), number(window.seconds, until));
            let counted = self.of(window.seconds, now);
            // What is taken at once counts no more this often.
            let turns = u32::try_from((last - current) / (SLOTS + 1)).unwrap_or_default();
            let again = counted.most(window, purpose).saturating_mul(turns);
            counted
                .room(window, purpose, last.max(current))
                .saturating_add(again)
        });
        rooms.min().unwrap_or(u32::MAX)
    }

    /// What was taken at `at` and not used.
    pub(super) fn give_back(&mut self, windows: &[Quota], purpose: Purpose, calls: u32, at: Timestamp) {
        for window in windows {
            let number = slot_of(window.seconds, at);
            let counted = self
                .0
                .iter_mut()
                .find(|counted| counted.seconds == window.seconds);
            let slot =
                counted.and_then(|counted| counted.slots.iter_mut().find(|slot| slot.number == number));
            if let Some(slot) = slot {
                let taken = &mut slot.taken[purpose as usize];
                *taken = taken.saturating_sub(calls);
            }
        }
    }

    /// The platform knows better: it may not count at all, or more than we did.
    pub(super) fn learn(&mut self, windows: &[Quota], seen: Seen, now: Timestamp) {
        let Some(window) = windows.iter().find(|window| window.seconds == seen.seconds) else {
            return;
        };
        let current = number(window.seconds, now);
        let counted = self.of(window.seconds, now);
        counted.free = seen.left >= window.calls;
        if counted.free {
            counted.slots.clear();
            return;
        }
        // What was said long ago may be about a window that is over at the platform.
        let recent = number(window.seconds, seen.at) >= current - 1;
        let left = window.calls.saturating_sub(counted.total());
        if recent && seen.left < left {
            let slot = counted.slot(current);
            slot.elsewhere = slot.elsewhere.saturating_add(left - seen.left);
        }
    }

    /// The window's counts, without what counts no more.
    fn of(&mut self, seconds: u32, now: Timestamp) -> &mut Counted {
        let index = match self.0.iter().position(|counted| counted.seconds == seconds) {
            Some(index) => index,
            None => {
                self.0.push(Counted {
                    seconds,
                    ..Counted::default()
                });
                self.0.len() - 1
            }
        };
        let counted = &mut self.0[index];
        let oldest = number(seconds, now) - SLOTS;
        counted.slots.retain(|slot| slot.number >= oldest);
        counted
    }
}

impl Counted {
    /// How many more may be asked for this purpose if `current` is the current slot.
    fn room(&self, window: &Quota, purpose: Purpose, current: i64) -> u32 {
        if self.free {
            return window.calls;
        }
        let counting = || self.slots.iter().filter(|slot| slot.number >= current - SLOTS);
        let elsewhere = counting().map(|slot| slot.elsewhere).sum::<u32>();
        let limit = window.calls.saturating_sub(elsewhere);
        let mut room = u32::MAX;
        let mut taken: u32 = 0;
        for of in Purpose::ALL {
            taken = taken.saturating_add(counting().map(|slot| slot.taken[of as usize]).sum());
            if of as usize >= purpose as usize {
                room = room.min(share(limit, of).saturating_sub(taken));
            }
        }
        if purpose == Purpose::Push
            && let Some(waiting) = self.waiting.filter(|waiting| !waiting.is_over(window, current))
        {
            let pushed = self.taken(Purpose::Push, current);
            room = room.min(share(limit, Purpose::Pull).saturating_sub(pushed));
            room = room.min(limit.saturating_sub(taken.saturating_add(waiting.calls)));
        }
        room
    }

    /// How many count for this purpose if `current` is the current slot.
    fn taken(&self, purpose: Purpose, current: i64) -> u32 {
        let counting = self.slots.iter().filter(|slot| slot.number >= current - SLOTS);
        counting.map(|slot| slot.taken[purpose as usize]).sum()
    }

    /// How many there can ever be, while others ask as much as they did lately.
    fn most(&self, window: &Quota, purpose: Purpose) -> u32 {
        let elsewhere = self.slots.iter().map(|slot| slot.elsewhere).sum::<u32>();
        share(window.calls.saturating_sub(elsewhere), purpose).max(1)
    }

    fn opens_at(&self, window: &Quota, purpose: Purpose, calls: u32, now: Timestamp) -> Timestamp {
        let current = number(window.seconds, now);
        let last = self.slots.iter().map(|slot| slot.number).max().unwrap_or(current);
        let longest = last.max(current) - current + SLOTS;
        let opens = (1..=longest).find(|ahead| self.room(window, purpose, current + ahead) >= calls);
        slot_start(window.seconds, current + opens.unwrap_or(longest + 1))
    }

    fn total(&self) -> u32 {
        self.slots
            .iter()
            .map(|slot| slot.taken.iter().sum::<u32>().saturating_add(slot.elsewhere))
            .sum()
    }

    fn slot(&mut self, number: i64) -> &mut Slot {
        let index = match self.slots.iter().position(|slot| slot.number == number) {
            Some(index) => index,
            None => {
                self.slots.push(Slot {
                    number,
                    ..Slot::default()
                });
                self.slots.len() - 1
            }
        };
        &mut self.slots[index]
    }
}

/// For so long what is taken of a window may be used, or a little longer.
pub(super) fn usable(window: &Quota) -> Duration {
    Duration::from_micros(u64::try_from(width(window.seconds)).unwrap_or_default())
}

impl Waiting {
    /// Whoever waited has had the time to come back, and has not.
    fn is_over(&self, window: &Quota, current: i64) -> bool {
        let moments = 5_000_000 / width(window.seconds);
        current > self.slot.saturating_add((2 * SLOTS).max(moments))
    }
}

fn share(limit: u32, purpose: Purpose) -> u32 {
    let part = u64::from(limit) * purpose.share() / 100;
    u32::try_from(part).unwrap_or(limit)
}

fn width(seconds: u32) -> i64 {
    (i64::from(seconds) * 1_000_000 / SLOTS).max(1)
}

fn number(seconds: u32, at: Timestamp) -> i64 {
    micros(at).div_euclid(width(seconds))
}

/// The slot in which counts what is taken then: the last one in which it may be used. Until its window is over, whatever
/// is asked earlier counts as well.
fn slot_of(seconds: u32, at: Timestamp) -> i64 {
    number(seconds, later(at, USABLE))
}

fn slot_start(seconds: u32, number: i64) -> Timestamp {
    from_micros(number.saturating_mul(width(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
