//! What the subcommands ask a broker, outside any consumer group.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, anyhow};
use pipeline::transport::kafka::{self, Asking, Silence};
use rdkafka::admin::AdminClient;
use rdkafka::consumer::BaseConsumer;
use shop_service::Cluster;

/// How long a broker may take for one answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How this program calls itself in the broker's logs and quotas.
const CLIENT: &str = "orderline-cli";

/// A consumer that reads and asks, and never joins a group or commits.
pub(crate) type Reader = BaseConsumer<Asking>;
/// A client that changes a cluster.
pub(crate) type Admin = AdminClient<Asking>;

/// A topic as it is on the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) partitions: i32,
    pub(crate) replication: i32,
}

/// The brokers and topics of a cluster.
pub(crate) struct Map {
    pub(crate) brokers: usize,
    pub(crate) topics: BTreeMap<String, Shape>,
}

/// The way to change a cluster.
pub(crate) fn admin(cluster: &Cluster) -> anyhow::Result<Admin> {
    let kafka = cluster.transport(CLIENT);
    let context = Asking::new(kafka.refusals());
    kafka.client_config().create_with_context(context).context("--brokers, --kafka")
}

/// A reader that can ask for what `group` has committed.
pub(crate) fn consumer(cluster: &Cluster, group: &str) -> anyhow::Result<Reader> {
    let kafka = cluster.transport(CLIENT);
    let mut config = kafka.client_config();
    config
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest");
    config.create_with_context(Asking::new(kafka.refusals())).context("--brokers, --kafka")
}

/// Brokers and topics. A topic counts once each of its partitions has a leader.
pub(crate) fn map(consumer: &Reader, cluster: &Cluster) -> anyhow::Result<Map> {
    let brokers = &cluster.kafka.brokers;
    let metadata = kafka::metadata(consumer, None, PATIENCE).map_err(|why| match why {
        Silence::Refused(why) => anyhow!("the broker at {brokers}: {why}"),
        Silence::Away(error) => anyhow!(
            "the broker at {brokers} does not answer ({error}): is it running? \
             `make up` starts one here; --brokers or ORDERLINE_BROKERS names yours",
        ),
    })?;
    let topics = metadata.topics().iter().filter(|topic| {
        topic.error().is_none() && topic.partitions().iter().all(|p| p.leader() >= 0)
    });
    let shape = |topic: &rdkafka::metadata::MetadataTopic| Shape {
        partitions: i32::try_from(topic.partitions().len()).unwrap_or(i32::MAX),
        replication: topic
            .partitions()
            .iter()
            .map(|p| i32::try_from(p.replicas().len()).unwrap_or(i32::MAX))
            .min()
            .unwrap_or(0),
    };
    Ok(Map {
        brokers: metadata.brokers().len(),
        topics: topics.map(|topic| (topic.name().to_owned(), shape(topic))).collect(),
    })
}
