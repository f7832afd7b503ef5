//! What a run ran on, as far as it can be found out.

use shop_service::Cluster;

use super::report::{Setting, Versions};
use crate::broker;

impl Setting {
    /// A broker does not tell what it is: `label` does.
    pub(super) fn found(cluster: &Cluster, label: Option<String>) -> anyhow::Result<Self> {
        let map = broker::map(&broker::consumer(cluster, "orderline-load")?, cluster)?;
        let orders = map.topics.get("orders");
        Ok(Setting {
            label,
            broker_nodes: map.brokers,
            replication: orders.map_or(0, |shape| shape.replication),
            orders_partitions: orders.map_or(0, |shape| shape.partitions),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
        })
    }

    /// `Apache Kafka 4.3.1: 1 node at 127.0.0.1:9092, 6 partitions, 1 copy`.
    pub(super) fn words(&self, brokers: &str) -> String {
        let plural =
            |n: i64, word: &str, words: &str| format!("{n} {}", if n == 1 { word } else { words });
        let label = self.label.as_deref().map_or(String::new(), |label| format!("{label}: "));
        format!(
            "{label}{} at {brokers}, {} per topic, {} of each",
            plural(self.broker_nodes as i64, "node", "nodes"),
            plural(self.orders_partitions.into(), "partition", "partitions"),
            plural(self.replication.into(), "copy", "copies"),
        )
    }
}

impl Versions {
    pub(super) fn found() -> Self {
        Versions {
            orderline: env!("CARGO_PKG_VERSION"),
            build: if cfg!(debug_assertions) { "debug" } else { "release" },
            librdkafka: rdkafka::util::get_rdkafka_version().1,
        }
    }
}
