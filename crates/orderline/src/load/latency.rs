//! Times that orders took, and their percentiles.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::ledger::Entry;

/// From one moment of an order to a later one.
pub(super) struct Span {
    pub(super) name: &'static str,
    pub(super) words: &'static str,
    from: fn(&Entry) -> Option<i64>,
    to: fn(&Entry) -> Option<i64>,
}

/// What a run is judged by.
pub(super) const MAIN: [Span; 4] = [
    Span {
        name: "due_to_accepted",
        words: "due to accepted",
        from: |e| Some(e.due),
        to: |e| e.accepted,
    },
    Span {
        name: "accepted_to_completed",
        words: "accepted to completed",
        from: |e| e.accepted,
        to: Entry::completed,
    },
    Span {
        name: "accepted_to_mail",
        words: "accepted to mail",
        from: |e| e.accepted,
        to: Entry::mailed,
    },
    Span { name: "due_to_mail", words: "due to mail", from: |e| Some(e.due), to: Entry::mailed },
];

/// Where the time goes.
pub(super) const STAGES: [Span; 6] = [
    Span {
        name: "due_to_sent",
        words: "  due to sent, in this command",
        from: |e| Some(e.due),
        to: |e| e.accepted.map(|_| e.sent),
    },
    Span {
        name: "sent_to_accepted",
        words: "  sent to accepted",
        from: |e| Some(e.sent),
        to: |e| e.accepted,
    },
    Span {
        name: "accepted_to_placed",
        words: "  accepted to OrderPlaced",
        from: |e| e.accepted,
        to: |e| e.placed,
    },
    Span {
        name: "placed_to_reserved",
        words: "  placed to OrderReserved",
        from: |e| e.placed,
        to: |e| e.reserved,
    },
    Span {
        name: "reserved_to_completed",
        words: "  reserved to OrderCompleted",
        from: |e| e.reserved,
        to: Entry::completed,
    },
    Span {
        name: "completed_to_mail",
        words: "  completed to NotificationSent",
        from: Entry::completed,
        to: Entry::mailed,
    },
];

impl Span {
    /// Microseconds; nothing where the order has not come so far. A record may be seen before the
    /// answer that accepts its order has arrived here: that took no time.
    pub(super) fn micros(&self, entry: &Entry) -> Option<u64> {
        let took = (self.to)(entry)? - (self.from)(entry)?;
        Some(u64::try_from(took).unwrap_or(0))
    }

    /// When it was over.
    pub(super) fn until(&self, entry: &Entry) -> Option<i64> {
        (self.to)(entry)
    }

    pub(super) fn of<'a>(&self, entries: impl IntoIterator<Item = &'a Entry>) -> Percentiles {
        Percentiles::of(entries.into_iter().filter_map(|entry| self.micros(entry)))
    }
}

/// In milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Percentiles {
    pub(super) count: u64,
    pub(super) mean: f64,
    pub(super) p50: f64,
    pub(super) p95: f64,
    pub(super) p99: f64,
    pub(super) max: f64,
}

impl Percentiles {
    /// Of microseconds; each is right to a thousandth of itself.
    pub(super) fn of(micros: impl IntoIterator<Item = u64>) -> Self {
        // Three significant digits up to a day need no more than the type holds.
        let Ok(mut histogram) = Histogram::<u64>::new_with_bounds(1, 86_400_000_000, 3) else {
            unreachable!("the bounds are constants")
        };
        micros.into_iter().for_each(|value| histogram.saturating_record(value));
        let millis = |micros: f64| (micros.round()) / 1_000.0;
        let at = |quantile| millis(histogram.value_at_quantile(quantile) as f64);
        Percentiles {
            count: histogram.len(),
            mean: millis(histogram.mean()),
            p50: at(0.5),
            p95: at(0.95),
            p99: at(0.99),
            max: millis(histogram.max() as f64),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_sorted_times() {
        let times = Percentiles::of((1..=1_000).map(|n| n * 1_000));
        assert_eq!(times.count, 1_000);
        for (got, exact) in
            [(times.p50, 500.0), (times.p95, 950.0), (times.p99, 990.0), (times.max, 1_000.0)]
        {
            assert!((got - exact).abs() <= exact / 1_000.0, "{got} is not {exact}");
        }
        assert!((times.mean - 500.5).abs() < 1.0, "{}", times.mean);
    }

    #[test]
    fn of_no_times_all_is_zero() {
        let none = Percentiles::of([]);
        assert_eq!((none.count, none.p99, none.max), (0, 0.0, 0.0));
    }

    #[test]
    fn an_order_that_waited_for_its_turn_took_that_long_too() {
        let entry = Entry { due: 0, sent: 9_000, accepted: Some(10_000), ..Entry::default() };
        let micros = |name: &str| {
            let span = MAIN.iter().chain(&STAGES).find(|span| span.name == name);
            span.and_then(|span| span.micros(&entry))
        };
        assert_eq!(micros("due_to_accepted"), Some(10_000));
        assert_eq!(micros("sent_to_accepted"), Some(1_000));
        assert_eq!(micros("accepted_to_mail"), None);
    }
}
