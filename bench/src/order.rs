//! The record (key id and per-key sequence, two little-endian u64, then filler) and the check
//! that every key's sequence counts up by one.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Key ids are below this.
pub const MAX_KEYS: usize = 1 << 20;

/// Counts what has been handled, and out of what order.
pub struct Check {
    next: Vec<AtomicU64>,
    handled: AtomicU64,
    violations: AtomicU64,
    total: u64,
    first: OnceLock<Instant>,
    last: OnceLock<Instant>,
}

impl Check {
    /// For a topic of so many records.
    pub fn new(total: u64) -> Self {
        Check {
            next: (0..MAX_KEYS).map(|_| AtomicU64::new(0)).collect(),
            handled: AtomicU64::new(0),
            violations: AtomicU64::new(0),
            total,
            first: OnceLock::new(),
            last: OnceLock::new(),
        }
    }

    /// A handler begins.
    pub fn begin(&self, payload: &[u8]) {
        self.first.get_or_init(Instant::now);
        let next = word(payload, 0).and_then(|key| self.next.get(usize::try_from(key).ok()?));
        let (Some(next), Some(sequence)) = (next, word(payload, 8)) else {
            self.violations.fetch_add(1, Ordering::Relaxed);
            return;
        };
        if next.load(Ordering::Relaxed) != sequence {
            self.violations.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A handler ends; true for the last one. The next record of the key may begin from here on.
    pub fn end(&self, payload: &[u8]) -> bool {
        if let (Some(key), Some(sequence)) = (word(payload, 0), word(payload, 8))
            && let Some(next) = usize::try_from(key).ok().and_then(|key| self.next.get(key))
        {
            next.store(sequence + 1, Ordering::Relaxed);
        }
        let all = self.handled.fetch_add(1, Ordering::Relaxed) + 1 == self.total;
        if all {
            self.last.get_or_init(Instant::now);
        }
        all
    }

    /// Records whose key's earlier one had not been handled.
    pub fn violations(&self) -> u64 {
        self.violations.load(Ordering::Relaxed)
    }

    /// From the first handler's start to the last handler's end, in seconds.
    pub fn wall_s(&self) -> f64 {
        match (self.first.get(), self.last.get()) {
            (Some(first), Some(last)) => (*last - *first).as_secs_f64(),
            _ => f64::NAN,
        }
    }
}

fn word(payload: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(payload.get(at..at + 8)?.try_into().ok()?))
}
