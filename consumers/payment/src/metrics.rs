//! What someone on call asks of payments.

use std::sync::atomic::AtomicU64;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    operation: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

const SETTLED: [&str; 5] = ["captured", "declined", "void", "refunded", "refund_failed"];
const HEARD: [&str; 4] = ["taken", "repeated", "ignored", "refused"];
const OPERATIONS: [&str; 7] = ["make", "confirm", "cancel", "look", "refund", "refunds", "ping"];
const OUTCOMES: [&str; 2] = ["answered", "lost"];

#[derive(Clone)]
pub(crate) struct Metrics {
    asked: Family<Asked, Histogram, fn() -> Histogram>,
    settled: Family<Outcome, Counter>,
    webhooks: Family<Outcome, Counter>,
    unsettled: Gauge,
    oldest: Gauge<f64, AtomicU64>,
    refunds_failed: Gauge,
}

/// 5 ms to 80 s.
fn buckets() -> Histogram {
    Histogram::new(exponential_buckets(0.005, 2.0, 15))
}

impl Metrics {
    /// Each with every label there from the first scrape.
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let metrics = Metrics {
            asked: Family::new_with_constructor(buckets),
            settled: Family::default(),
            webhooks: Family::default(),
            unsettled: Gauge::default(),
            oldest: Gauge::default(),
            refunds_failed: Gauge::default(),
        };
        for operation in OPERATIONS {
            for outcome in OUTCOMES {
                drop(metrics.asked.get_or_create(&Asked { operation, outcome }));
            }
        }
        for outcome in SETTLED {
            drop(metrics.settled.get_or_create(&Outcome { outcome }));
        }
        for outcome in HEARD {
            drop(metrics.webhooks.get_or_create(&Outcome { outcome }));
        }
        let registry = registry.sub_registry_with_prefix("payment");
        let m = metrics.clone();
        let help = "Time the provider took";
        registry.register_with_unit("provider", help, Unit::Seconds, m.asked);
        registry.register("settled", "Payments by what they came to", m.settled);
        registry.register("webhooks", "Webhook events by what became of them", m.webhooks);
        registry.register("unsettled", "Payments that are looked at again", m.unsettled);
        let help = "Since the oldest of them has changed";
        registry.register_with_unit("unsettled_oldest", help, Unit::Seconds, m.oldest);
        let help = "Payments that could not be given back, and that somebody has to";
        registry.register("refunds_failed", help, m.refunds_failed);
        metrics
    }

    /// The provider was asked, and has answered or not.
    pub(crate) fn asked(&self, operation: &'static str, answered: bool, seconds: f64) {
        let outcome = if answered { "answered" } else { "lost" };
        self.asked.get_or_create(&Asked { operation, outcome }).observe(seconds);
    }

    pub(crate) fn settled(&self, outcome: &'static str) {
        self.settled.get_or_create(&Outcome { outcome }).inc();
    }

    pub(crate) fn heard(&self, outcome: &'static str) {
        self.webhooks.get_or_create(&Outcome { outcome }).inc();
    }

    /// How many are not settled, and the age of the oldest in microseconds.
    pub(crate) fn unsettled(&self, count: i64, oldest: i64) {
        self.unsettled.set(count);
        self.oldest.set(oldest.max(0) as f64 / 1_000_000.0);
    }

    pub(crate) fn refunds_failed(&self, count: i64) {
        self.refunds_failed.set(count);
    }
}
