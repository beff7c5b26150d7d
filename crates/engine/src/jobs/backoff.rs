use std::time::Duration;

/// At most 5 s after the first failure, doubled with each further one up to 15 minutes; how much of that, `jitter`
/// says (0 to 1), so that what failed together is not tried again together. At least a second.
pub fn after(attempts: i64, jitter: f64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 9) - 1).unwrap_or_default();
    let longest = Duration::from_secs(5 * (1 << doublings)).min(Duration::from_secs(15 * 60));
    longest
        .mul_f64(jitter.clamp(0.0, 1.0))
        .max(Duration::from_secs(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (0..12).map(|attempts| after(attempts, 1.0).as_secs()).collect();
        assert_eq!(seconds, [5, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]);
        assert_eq!(after(12, 0.5).as_secs(), 450);
        assert_eq!(after(12, 0.0).as_secs(), 1);
    }
}
