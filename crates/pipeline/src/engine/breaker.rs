//! Stops a group when too large a share of its records fails.

use std::collections::VecDeque;
use std::time::Duration;

/// When a group stops rather than dead-letters.
#[derive(Debug, Clone, PartialEq)]
pub struct Breaker {
    /// How many records are looked back on: it never opens before so many have ended. Default 100.
    pub of: usize,
    /// The share of them that may be dead-lettered, 0 to 1. Default one half.
    pub share: f64,
    /// How long the group stands still before records are tried again. Default 30 s.
    pub pause: Duration,
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker { of: 100, share: 0.5, pause: Duration::from_secs(30) }
    }
}

/// What it has seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// True is a record that failed for good; the latest is at the back.
    last: VecDeque<bool>,
    failed: usize,
    open: bool,
}

impl Seen {
    /// Some records were handled. True if that ends a stop.
    pub(super) fn handled(&mut self, records: usize, breaker: &Breaker) -> bool {
        if std::mem::take(&mut self.open) {
            // What failed before is forgotten: else the next failure would stop the group again.
            (self.last, self.failed) = (VecDeque::new(), 0);
            return true;
        }
        // A group in which nothing fails pays nothing for this.
        if self.failed > 0 {
            (0..records.min(breaker.of)).for_each(|_| self.push(false, breaker));
        } else {
            let room = breaker.of.saturating_sub(self.last.len());
            self.last.extend(std::iter::repeat_n(false, records.min(room)));
        }
        false
    }

    /// A record failed for good. True if the group has to stop, and the record to stay.
    pub(super) fn failed(&mut self, breaker: &Breaker) -> bool {
        if !self.open {
            self.push(true, breaker);
            self.open = self.last.len() >= breaker.of && self.share() > breaker.share;
        }
        self.open
    }

    /// Failed records, and all that were looked at.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.failed, self.last.len())
    }

    fn share(&self) -> f64 {
        self.failed as f64 / self.last.len().max(1) as f64
    }

    fn push(&mut self, failed: bool, breaker: &Breaker) {
        self.last.push_back(failed);
        self.failed += usize::from(failed);
        while self.last.len() > breaker.of {
            self.failed -= usize::from(self.last.pop_front().unwrap_or_default());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        Breaker { of: 10, share: 0.5, ..Breaker::default() }
    }

    #[test]
    fn it_opens_when_more_than_the_share_of_the_last_records_failed() {
        let (breaker, mut seen) = (breaker(), Seen::default());
        seen.handled(1_000, &breaker);
        for failures in 1..=5 {
            assert!(!seen.failed(&breaker), "{failures}");
        }
        assert!(seen.failed(&breaker));
        assert_eq!(seen.counts(), (6, 10));
    }

    #[test]
    fn few_records_never_open_it() {
        let (breaker, mut seen) = (breaker(), Seen::default());
        assert!((0..9).all(|_| !seen.failed(&breaker)));
        assert!(seen.failed(&breaker));
    }

    #[test]
    fn failures_among_many_that_are_handled_do_not_open_it() {
        let (breaker, mut seen) = (breaker(), Seen::default());
        for _ in 0..100 {
            assert!(!seen.failed(&breaker));
            seen.handled(1, &breaker);
        }
    }

    #[test]
    fn the_first_that_is_handled_closes_it_and_the_count_begins_anew() {
        let (breaker, mut seen) = (breaker(), Seen::default());
        while !seen.failed(&breaker) {}
        assert!(seen.failed(&breaker), "it stays open");
        assert!(seen.handled(1, &breaker));
        assert!(!seen.failed(&breaker));
    }
}
