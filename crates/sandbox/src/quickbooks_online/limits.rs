//! Per company 500 calls a minute, 10 at once, 40 batches a minute.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use uuid::Uuid;

const MINUTE: u32 = 500;
const CONCURRENT: u32 = 10;
const BATCHES: u32 = 40;

#[derive(Default)]
pub(super) struct Limits {
    companies: Mutex<HashMap<Uuid, Counters>>,
}

#[derive(Default)]
struct Counters {
    in_flight: u32,
    minute: i64,
    calls: u32,
    batches: u32,
}

/// A call let in; it counts as one of those at once until it is dropped.
pub(super) struct Pass {
    limits: Arc<Limits>,
    company: Uuid,
}

impl Limits {
    /// Let a call in, or name the limit that it exceeds.
    pub(super) fn enter(
        self: &Arc<Self>,
        company: Uuid,
        is_batch: bool,
        now: Timestamp,
    ) -> Result<Pass, &'static str> {
        let mut companies = self.companies.lock().unwrap_or_else(PoisonError::into_inner);
        let own = companies.entry(company).or_default();
        let minute = now.as_second().div_euclid(60);
        if own.minute != minute {
            (own.minute, own.calls, own.batches) = (minute, 0, 0);
        }
        if own.in_flight >= CONCURRENT {
            return Err("concurrent");
        }
        if own.calls >= MINUTE {
            return Err("minute");
        }
        if is_batch && own.batches >= BATCHES {
            return Err("batches");
        }
        own.in_flight += 1;
        own.calls += 1;
        own.batches += u32::from(is_batch);
        Ok(Pass {
            limits: Arc::clone(self),
            company,
        })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut companies = self
            .limits
            .companies
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = companies.get_mut(&self.company) {
            own.in_flight = own.in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_holds_and_a_new_minute_begins_anew() {
        let limits = Arc::new(Limits::default());
        let now: Timestamp = "2026-03-01T10:00:15Z".parse().unwrap();
        let later: Timestamp = "2026-03-01T10:01:00Z".parse().unwrap();
        let company = Uuid::nil();
        let passes: Vec<_> = (0..10).map(|_| limits.enter(company, false, now)).collect();
        assert_eq!(limits.enter(company, false, now).err(), Some("concurrent"));
        assert!(limits.enter(Uuid::max(), false, now).is_ok());
        drop(passes);
        for _ in 0..40 {
            assert!(limits.enter(company, true, now).is_ok());
        }
        assert_eq!(limits.enter(company, true, now).err(), Some("batches"));
        for _ in 0..450 {
            assert!(limits.enter(company, false, now).is_ok());
        }
        assert_eq!(limits.enter(company, false, now).err(), Some("minute"));
        assert!(limits.enter(company, true, later).is_ok());
    }
}
