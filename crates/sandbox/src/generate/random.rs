//! Chance that is the same for the same seed, on every machine and in every version.

use jiff::civil::Date;
use rust_decimal::Decimal;
use uuid::Uuid;

/// SplitMix64.
#[derive(Debug, Clone)]
pub struct Random {
    state: u64,
}

impl Random {
    /// `purpose` keeps the numbers of one purpose apart from those of another with the same seed.
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in purpose.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let mut random = Self { state };
        random.draw();
        random
    }

    pub fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to `end`, without `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        if end == 0 {
            0
        } else {
            (self.draw() % end as u64) as usize
        }
    }

    /// From `low` to `high`, with both.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.saturating_sub(low).max(0) as u64 + 1;
        low + (self.draw() % width) as i64
    }

    pub fn happens(&mut self, rate: f64) -> bool {
        ((self.draw() >> 11) as f64) / ((1u64 << 53) as f64) < rate
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    /// One of a fixed list, which is not empty.
    pub fn one_of<T: Copy, const N: usize>(&mut self, from: [T; N]) -> T {
        const { assert!(N > 0) };
        from[self.below(N)]
    }

    /// An amount of money, in cents from `low` to `high`.
    pub fn money(&mut self, low_cents: i64, high_cents: i64) -> Decimal {
        Decimal::new(self.between(low_cents, high_cents), 2)
    }

    pub fn date(&mut self, from: Date, to: Date) -> Date {
        let days = from.until(to).map_or(0, |span| i64::from(span.get_days()));
        let days = self.between(0, days.max(0));
        from.checked_add(jiff::Span::new().days(days)).unwrap_or(from)
    }

    pub fn id(&mut self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.draw().to_be_bytes());
        bytes[8..].copy_from_slice(&self.draw().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
