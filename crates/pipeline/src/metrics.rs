//! What someone on call asks first, for Prometheus.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Group {
    pub(crate) group: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Outcome {
    pub(crate) group: String,
    pub(crate) outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Place {
    pub(crate) group: String,
    pub(crate) topic: String,
    pub(crate) partition: i32,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Sent {
    pub(crate) topic: String,
    /// The record's full name.
    pub(crate) r#type: String,
}

/// A sum of seconds.
pub(crate) type Seconds = Counter<f64, std::sync::atomic::AtomicU64>;

/// The engine's metrics, shared by all groups of a process.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub(crate) records: Family<Outcome, Counter>,
    pub(crate) in_flight: Family<Group, Gauge>,
    pub(crate) lag: Family<Place, Gauge>,
    pub(crate) commit_age: Family<Group, Gauge>,
    pub(crate) handler_seconds: Family<Group, Histogram>,
    pub(crate) at_once_seconds: Family<Group, Seconds>,
    pub(crate) commit_failures: Family<Group, Counter>,
    pub(crate) rebalances: Family<Group, Counter>,
    pub(crate) stalled: Family<Group, Gauge>,
    pub(crate) in_doubt: Family<Group, Counter>,
    pub(crate) assigned: Family<Group, Gauge>,
    pub(crate) batch: Family<Group, Histogram>,
}

/// What a relay has sent, and what it could not.
#[derive(Clone, Default)]
pub(crate) struct Relayed {
    pub(crate) sent: Family<Sent, Counter>,
    pub(crate) failures: Counter,
}

impl Relayed {
    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("outbox");
        registry.register("sent", "Events acknowledged by their topic", self.sent.clone());
        let help = "Batches that the broker did not take";
        registry.register("send_failures", help, self.failures.clone());
    }
}

impl Metrics {
    pub(crate) fn new(registry: &mut Registry) -> Self {
        let buckets = || Histogram::new(exponential_buckets(0.000_1, 4.0, 10));
        let metrics = Metrics {
            records: Family::default(),
            in_flight: Family::default(),
            lag: Family::default(),
            commit_age: Family::default(),
            handler_seconds: Family::new_with_constructor(buckets),
            at_once_seconds: Family::default(),
            commit_failures: Family::default(),
            rebalances: Family::default(),
            stalled: Family::default(),
            in_doubt: Family::default(),
            assigned: Family::default(),
            batch: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(1.0, 2.0, 10))
            }),
        };
        let registry = registry.sub_registry_with_prefix("pipeline");
        let m = metrics.clone();
        registry.register("records", "Records by what became of them", m.records);
        registry.register("in_flight", "Records taken and not finished", m.in_flight);
        registry.register("lag", "Records behind the end of the partition, as committed", m.lag);
        registry.register_with_unit(
            "commit_age",
            "How long the slowest partition has had records without a commit moving",
            Unit::Seconds,
            m.commit_age,
        );
        registry.register_with_unit(
            "handler",
            "Time of handlers that waited for something, and of transactions of many records",
            Unit::Seconds,
            m.handler_seconds,
        );
        registry.register_with_unit(
            "handler_at_once",
            "Time of handlers that were ready at once, in sum",
            Unit::Seconds,
            m.at_once_seconds,
        );
        registry.register("commit_failures", "Commits refused or lost", m.commit_failures);
        registry.register("rebalances", "Changes of the partitions assigned", m.rebalances);
        registry.register("stalled", "1 while something every record needs is away", m.stalled);
        registry.register(
            "effects_in_doubt",
            "Outside effects begun by a run that did not end",
            m.in_doubt,
        );
        registry.register("assigned_partitions", "Partitions of this process", m.assigned);
        registry.register("batch_records", "Records handed over together", m.batch);
        metrics
    }

    /// Counters are there from the first scrape: of one that appears with its first event,
    /// Prometheus sees no increase.
    pub(crate) fn begin(&self, group: &str) {
        let labels = Group { group: group.to_owned() };
        for outcome in ["duplicate", "retried", "dead_lettered"] {
            drop(self.records.get_or_create(&Outcome { group: group.to_owned(), outcome }));
        }
        for counter in [&self.commit_failures, &self.rebalances, &self.in_doubt] {
            drop(counter.get_or_create(&labels));
        }
        for gauge in [&self.commit_age, &self.stalled, &self.assigned] {
            drop(gauge.get_or_create(&labels));
        }
    }
}
