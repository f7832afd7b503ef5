//! How long to wait before the next try.

use std::time::Duration;

/// Exponential backoff with jitter.
#[derive(Debug, Clone, PartialEq)]
pub struct Backoff {
    /// The wait before the second try. Default 200 ms.
    pub first: Duration,
    /// The longest wait. Default 30 s.
    pub longest: Duration,
    /// Tries in all before the record is dead-lettered. Default 10.
    pub tries: u32,
}

impl Default for Backoff {
    fn default() -> Self {
        Backoff { first: Duration::from_millis(200), longest: Duration::from_secs(30), tries: 10 }
    }
}

impl Backoff {
    /// The wait after `tries` tries; `jitter` is a factor around 1.
    pub(crate) fn after(&self, tries: u32, jitter: f64) -> Duration {
        let doublings = tries.saturating_sub(1).min(20);
        let wait = self.first.saturating_mul(1 << doublings).min(self.longest);
        wait.mul_f64(jitter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let backoff = Backoff::default();
        let waits: Vec<u128> = (1..=9).map(|n| backoff.after(n, 1.0).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000]);
    }
}
