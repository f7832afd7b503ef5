//! What a case needs of a transport besides the engine's view of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use pipeline::Outgoing;
use pipeline::transport::kafka::Kafka;
use pipeline::transport::memory::Memory;
use pipeline::transport::{Record, Sink, Source, Transport};
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::{Offset, TopicPartitionList};
use shop_testkit::names::unique;

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
pub(crate) const PARTITIONS: i32 = 4;

pub(crate) trait Stage: Sized {
    type Transport: Transport + Clone;
    async fn open() -> anyhow::Result<Self>;
    fn transport(&self) -> Self::Transport;
    fn sink(&self) -> &dyn Sink;
    /// Makes a topic, and the dead-letter topic of a group of the same name.
    async fn topic(&self) -> anyhow::Result<String>;
    async fn committed(&self, group: &str, topic: &str) -> anyhow::Result<BTreeMap<i32, i64>>;

    async fn send(&self, topic: &str, records: &[(&str, &str)]) -> anyhow::Result<()> {
        let record = |(key, value): &(&str, &str)| Outgoing {
            topic: topic.to_owned(),
            key: Some(key.as_bytes().to_vec()),
            payload: Some(value.as_bytes().to_vec()),
            headers: vec![("note".into(), b"kept".to_vec())],
        };
        self.sink().send(records.iter().map(record).collect()).await?;
        Ok(())
    }

    /// The first `count` records of a topic.
    async fn read(&self, topic: &str, count: usize) -> anyhow::Result<Vec<Record>> {
        let mut source = self.transport().join(&unique("reader"), &[topic])?;
        let (mut events, mut records) = (Vec::new(), Vec::new());
        shop_testkit::wait::until(PATIENCE, async || {
            source.events(&mut events);
            source.drain(100, &mut records);
            records.len() >= count
        })
        .await?;
        Ok(records)
    }

    /// How many records are committed in all.
    async fn total_committed(&self, group: &str, topic: &str) -> i64 {
        self.committed(group, topic).await.map_or(0, |c| c.values().sum())
    }
}

pub(crate) struct MemoryStage(Memory);

impl Stage for MemoryStage {
    type Transport = Memory;

    async fn open() -> anyhow::Result<Self> {
        Ok(MemoryStage(Memory::new(PARTITIONS)))
    }

    fn transport(&self) -> Memory {
        self.0.clone()
    }

    fn sink(&self) -> &dyn Sink {
        &**self.0.broker()
    }

    async fn topic(&self) -> anyhow::Result<String> {
        Ok(unique("things"))
    }

    async fn committed(&self, group: &str, topic: &str) -> anyhow::Result<BTreeMap<i32, i64>> {
        Ok(self.0.broker().committed(group, topic))
    }
}

pub(crate) struct KafkaStage(Kafka, Arc<dyn Sink>);

impl Stage for KafkaStage {
    type Transport = Kafka;

    async fn open() -> anyhow::Result<Self> {
        // What the engine says is seen with RUST_LOG=info and `--nocapture`.
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let _ = tracing_subscriber::fmt().with_env_filter(filter).try_init();
        let shared = shop_testkit::broker::shared().await?;
        let kafka = Kafka::new(shared.bootstrap(), "conformance");
        let sink = kafka.sink()?;
        Ok(KafkaStage(kafka, sink))
    }

    fn transport(&self) -> Kafka {
        self.0.clone()
    }

    fn sink(&self) -> &dyn Sink {
        &*self.1
    }

    async fn topic(&self) -> anyhow::Result<String> {
        let name = unique("things");
        let letters = format!("{}{name}", pipeline::dead_letter::TOPIC_PREFIX);
        let admin: AdminClient<DefaultClientContext> = self.0.client_config().create()?;
        let new = |name| NewTopic::new(name, PARTITIONS, TopicReplication::Fixed(1));
        let made = admin.create_topics(&[new(&name), new(&letters)], &AdminOptions::new()).await?;
        for result in made {
            result.map_err(|(topic, code)| anyhow::anyhow!("{topic}: {code}"))?;
        }
        // The broker that answers a client hears of a topic only some time after it was made.
        let known = async || {
            let told = admin.inner().fetch_metadata(Some(&name), Duration::from_secs(60));
            told.is_ok_and(|told| {
                let partitions = told.topics().iter().flat_map(|topic| topic.partitions());
                partitions.filter(|p| p.leader() >= 0).count() == PARTITIONS as usize
            })
        };
        shop_testkit::wait::until(PATIENCE, known).await?;
        Ok(name)
    }

    async fn committed(&self, group: &str, topic: &str) -> anyhow::Result<BTreeMap<i32, i64>> {
        let consumer: BaseConsumer = self.0.client_config().set("group.id", group).create()?;
        let mut list = TopicPartitionList::new();
        list.add_partition_range(topic, 0, PARTITIONS - 1);
        let known = tokio::task::spawn_blocking(move || {
            consumer.committed_offsets(list, Duration::from_secs(60))
        });
        let known = known.await??;
        let offsets = known.elements().into_iter().filter_map(|e| match e.offset() {
            Offset::Offset(offset) => Some((e.partition(), offset)),
            _ => None,
        });
        Ok(offsets.collect())
    }
}
