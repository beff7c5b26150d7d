/// What was taken of one window, by its slots.
mod window;

#[cfg(test)]
mod tests;

use std::time::Duration;

use ledgerline_model::Timestamp;
use ledgerline_platform::Quota;
use serde::{Deserialize, Serialize};

use super::purpose::Purpose;
pub(super) use window::usable;
use window::{Counted, SLOTS, Waiting, number, share, slot_of, slot_start};

/// Requests that were taken from the windows of one scope.
///
/// A window is cut into slots, and a request counts until its slot is over by the whole window: in no span of the
/// window's length are there more requests than it has, wherever the platform's own windows begin.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Counts(Vec<Counted>);

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
