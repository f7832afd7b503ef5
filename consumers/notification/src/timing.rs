//! How long whoever takes our messages takes, by what became of each.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    outcome: &'static str,
}

impl Outcome {
    pub(crate) const SENT: Self = Outcome { outcome: "sent" };
    pub(crate) const GONE: Self = Outcome { outcome: "gone" };
    pub(crate) const REFUSED: Self = Outcome { outcome: "refused" };
    pub(crate) const LATER: Self = Outcome { outcome: "later" };
}

/// A histogram of seconds.
pub(crate) struct Timing {
    name: &'static str,
    help: &'static str,
    seconds: Family<Outcome, Histogram>,
}

impl Timing {
    pub(crate) fn new(name: &'static str, help: &'static str) -> Self {
        // 5 ms to 80 s.
        let seconds: Family<Outcome, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.005, 2.0, 15)));
        Timing { name, help, seconds }
    }

    /// With every outcome there from the first scrape.
    pub(crate) fn register(&self, registry: &mut Registry, outcomes: &[Outcome]) {
        for outcome in outcomes {
            drop(self.seconds.get_or_create(outcome));
        }
        registry.register_with_unit(self.name, self.help, Unit::Seconds, self.seconds.clone());
    }

    pub(crate) fn observe(&self, outcome: Outcome, took: Duration) {
        self.seconds.get_or_create(&outcome).observe(took.as_secs_f64());
    }
}
