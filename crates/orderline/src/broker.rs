//! What the subcommands ask a broker, outside any consumer group.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, anyhow};
use rdkafka::ClientContext;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use shop_service::Cluster;

/// How long a broker may take for one answer.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);
/// How this program calls itself in the broker's logs and quotas.
const CLIENT: &str = "orderline-cli";

/// Leaves every error to whoever asked: librdkafka also calls the end of a partition one.
pub(crate) struct Quiet;

impl ClientContext for Quiet {
    fn error(&self, _: KafkaError, _: &str) {}
}

impl ConsumerContext for Quiet {}

/// A consumer that reads and asks, and never joins a group or commits.
pub(crate) type Reader = BaseConsumer<Quiet>;

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
pub(crate) fn admin(cluster: &Cluster) -> anyhow::Result<AdminClient<DefaultClientContext>> {
    cluster.transport(CLIENT).client_config().create().context("--brokers, --kafka")
}

/// A reader that can ask for what `group` has committed.
pub(crate) fn consumer(cluster: &Cluster, group: &str) -> anyhow::Result<Reader> {
    let mut config = cluster.transport(CLIENT).client_config();
    config
        .set("group.id", group)
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "earliest");
    config.create_with_context(Quiet).context("--brokers, --kafka")
}

/// Brokers and topics. A topic counts once each of its partitions has a leader.
pub(crate) fn map(consumer: &Reader, cluster: &Cluster) -> anyhow::Result<Map> {
    let metadata = consumer.fetch_metadata(None, PATIENCE).map_err(|error| {
        anyhow!(
            "the broker at {} does not answer ({error}): is it running? \
             `make up` starts one here; --brokers or ORDERLINE_BROKERS names yours",
            cluster.brokers
        )
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
