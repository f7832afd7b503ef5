//! Time and identity as parameters, so that a whole run can be replayed from a seed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, RngCore, SeedableRng};
use uuid::Uuid;

/// The present, in microseconds since the Unix epoch.
#[derive(Clone, Default)]
pub struct Clock(Source);

#[derive(Clone, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Clock(Source::System)
    }

    /// A clock that stands still until it is told otherwise.
    pub fn manual(micros: i64) -> Self {
        Clock(Source::Manual(Arc::new(AtomicI64::new(micros))))
    }

    /// Microseconds since the Unix epoch.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that asks the machine for the time"
    )]
    pub fn now_micros(&self) -> i64 {
        match &self.0 {
            Source::System => std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| i64::try_from(d.as_micros()).unwrap_or(i64::MAX)),
            Source::Manual(now) => now.load(Ordering::Relaxed),
        }
    }

    /// Moves a manual clock; the system's clock is left alone.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::Relaxed);
        }
    }
}

/// Randomness: event ids (UUIDv7) and jitter.
#[derive(Clone)]
pub struct Random(Arc<Mutex<StdRng>>);

impl Random {
    /// Seeded by the operating system.
    pub fn from_os() -> Self {
        Random(Arc::new(Mutex::new(StdRng::from_os_rng())))
    }

    /// The same sequence for the same seed.
    pub fn seeded(seed: u64) -> Self {
        Random(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// A new UUIDv7 for an event decided at `micros`.
    pub fn uuid_v7(&self, micros: i64) -> Uuid {
        let mut random = [0; 10];
        self.lock().fill_bytes(&mut random);
        let millis = u64::try_from(micros / 1_000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A factor from `0.5` up to `1.5`, to spread retries.
    pub fn jitter(&self) -> f64 {
        self.lock().random_range(0.5..1.5)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, StdRng> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_in_order_of_time() {
        let (a, b) = (Random::seeded(7), Random::seeded(7));
        let first = a.uuid_v7(1_000_000);
        assert_eq!(first, b.uuid_v7(1_000_000));
        assert!(a.uuid_v7(2_000_000) > first);
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = Clock::manual(5);
        clock.advance(Duration::from_micros(2));
        assert_eq!(clock.now_micros(), 7);
    }
}
