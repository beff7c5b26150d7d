use std::time::Duration;

use ledgerline_model::{Timestamp, from_micros, micros};
use ledgerline_platform::Quota;
use serde::{Deserialize, Serialize};

use super::super::purpose::Purpose;
use crate::jobs::lease::later;

/// Slots of a window. Their number decides how much longer than the window a request counts: up to a 24th.
pub(super) const SLOTS: i64 = 24;
/// What was taken may be used for at least so long: of a window of a second a slot alone would be over before the request
/// is on its way.
pub(super) const USABLE: Duration = Duration::from_millis(60);

/// What was taken of one window.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Counted {
    pub seconds: u32,
    /// The platform said after a request that all were left: it does not count.
    #[serde(default)]
    pub free: bool,
    pub slots: Vec<Slot>,
    /// A pull that could have had more of its share if pushes had not taken it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
}

/// Who waits, since which slot, for how many requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub slot: i64,
    pub calls: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(super) struct Slot {
    pub number: i64,
    /// By [`Purpose`].
    pub taken: [u32; 3],
    /// Requests that the platform counted and that are not ours: another server's with the same OAuth app, or a
    /// limit that is lower than the one that we know.
    #[serde(default)]
    pub elsewhere: u32,
}

impl Counted {
    /// How many more may be asked for this purpose if `current` is the current slot.
    pub fn room(&self, window: &Quota, purpose: Purpose, current: i64) -> u32 {
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
    pub fn taken(&self, purpose: Purpose, current: i64) -> u32 {
        let counting = self.slots.iter().filter(|slot| slot.number >= current - SLOTS);
        counting.map(|slot| slot.taken[purpose as usize]).sum()
    }

    /// How many there can ever be, while others ask as much as they did lately.
    pub fn most(&self, window: &Quota, purpose: Purpose) -> u32 {
        let elsewhere = self.slots.iter().map(|slot| slot.elsewhere).sum::<u32>();
        share(window.calls.saturating_sub(elsewhere), purpose).max(1)
    }

    pub fn opens_at(&self, window: &Quota, purpose: Purpose, calls: u32, now: Timestamp) -> Timestamp {
        let current = number(window.seconds, now);
        let last = self.slots.iter().map(|slot| slot.number).max().unwrap_or(current);
        let longest = last.max(current) - current + SLOTS;
        let opens = (1..=longest).find(|ahead| self.room(window, purpose, current + ahead) >= calls);
        slot_start(window.seconds, current + opens.unwrap_or(longest + 1))
    }

    pub fn total(&self) -> u32 {
        self.slots
            .iter()
            .map(|slot| slot.taken.iter().sum::<u32>().saturating_add(slot.elsewhere))
            .sum()
    }

    pub fn slot(&mut self, number: i64) -> &mut Slot {
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
pub(in super::super) fn usable(window: &Quota) -> Duration {
    Duration::from_micros(u64::try_from(width(window.seconds)).unwrap_or_default())
}

impl Waiting {
    /// Whoever waited has had the time to come back, and has not.
    fn is_over(&self, window: &Quota, current: i64) -> bool {
        let moments = 5_000_000 / width(window.seconds);
        current > self.slot.saturating_add((2 * SLOTS).max(moments))
    }
}

pub(super) fn share(limit: u32, purpose: Purpose) -> u32 {
    let part = u64::from(limit) * purpose.share() / 100;
    u32::try_from(part).unwrap_or(limit)
}

fn width(seconds: u32) -> i64 {
    (i64::from(seconds) * 1_000_000 / SLOTS).max(1)
}

pub(super) fn number(seconds: u32, at: Timestamp) -> i64 {
    micros(at).div_euclid(width(seconds))
}

/// The slot in which counts what is taken then: the last one in which it may be used. Until its window is over, whatever
/// is asked earlier counts as well.
pub(super) fn slot_of(seconds: u32, at: Timestamp) -> i64 {
    number(seconds, later(at, USABLE))
}

pub(super) fn slot_start(seconds: u32, number: i64) -> Timestamp {
    from_micros(number.saturating_mul(width(seconds)))
}
