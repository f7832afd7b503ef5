//! When each order is due. An order that is due does not wait for those before it to be answered:
//! where everything is busy it begins late, and the time it waited counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Hands out the orders one by one, each with the time at which it is due.
#[derive(Debug)]
pub(super) struct Pacer {
    orders: usize,
    /// Orders a second; none: each is due when someone is free to place it.
    rate: Option<f64>,
    next: AtomicUsize,
}

/// An order that someone is to place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Counted from 0.
    pub(super) number: usize,
    /// Microseconds since the start.
    pub(super) due: i64,
    /// How long to wait until then; zero when it is late.
    pub(super) wait: Duration,
}

impl Pacer {
    pub(super) fn new(orders: usize, rate: Option<f64>) -> Self {
        Pacer { orders, rate, next: AtomicUsize::new(0) }
    }

    /// The next order for who is free at `now`, microseconds since the start.
    pub(super) fn take(&self, now: i64) -> Option<Turn> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >= self.orders {
            return None;
        }
        let due = self.rate.map_or(now, |rate| (number as f64 * 1e6 / rate).round() as i64);
        let wait = Duration::from_micros(u64::try_from(due - now).unwrap_or(0));
        Some(Turn { number, due, wait })
    }
}

#[cfg(test)]
mod tests {
    use pipeline::Clock;

    use super::*;

    #[test]
    fn orders_are_due_at_the_rate_whenever_they_are_taken() {
        let (clock, pacer) = (Clock::manual(0), Pacer::new(5, Some(100.0)));
        let mut due = Vec::new();
        while let Some(turn) = pacer.take(clock.now_micros()) {
            clock.advance(Duration::from_millis(3));
            due.push(turn.due);
        }
        assert_eq!(due, [0, 10_000, 20_000, 30_000, 40_000]);
    }

    #[test]
    fn who_was_held_up_takes_orders_that_were_due_before_and_does_not_wait_for_them() {
        let (clock, pacer) = (Clock::manual(0), Pacer::new(10, Some(1_000.0)));
        pacer.take(clock.now_micros());
        clock.advance(Duration::from_micros(2_500));
        let turns: Vec<_> = (0..3)
            .filter_map(|_| pacer.take(clock.now_micros()))
            .map(|t| (t.due, t.wait))
            .collect();
        let wait = Duration::from_micros(500);
        assert_eq!(turns, [(1_000, Duration::ZERO), (2_000, Duration::ZERO), (3_000, wait)]);
    }

    #[test]
    fn without_a_rate_an_order_is_due_when_someone_is_free() {
        let pacer = Pacer::new(2, None);
        assert_eq!(pacer.take(7), Some(Turn { number: 0, due: 7, wait: Duration::ZERO }));
        assert_eq!(pacer.take(9), Some(Turn { number: 1, due: 9, wait: Duration::ZERO }));
        assert_eq!(pacer.take(9), None);
    }

    #[test]
    fn a_rate_that_divides_nothing_does_not_drift() {
        let pacer = Pacer::new(3_001, Some(3.0));
        let last = (0..3_001).filter_map(|_| pacer.take(0)).last();
        assert_eq!(last.map(|turn| turn.due), Some(1_000_000_000));
    }
}
