//! Apache Kafka, through librdkafka.

mod asking;
mod certificate;
mod check;
mod context;
mod progress;
mod queue;
mod quiet;
mod refusal;
mod sink;
mod source;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use futures::FutureExt;
use futures::future::BoxFuture;
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer};
use tokio::sync::Notify;

use super::{Progress, Sink, Transport, TransportError};
pub use asking::{Asking, Silence, metadata};
pub use check::WrongSetting;
use context::{Context, Shared};
pub use queue::KafkaRecord;
pub use refusal::{Refusals, SettingNames};
pub use source::KafkaSource;

/// How to reach a cluster.
#[derive(Debug, Clone)]
pub struct Kafka {
    /// `host:port`, separated by commas.
    pub brokers: String,
    /// How this program calls itself in the broker's logs and quotas.
    pub client_id: String,
    /// Further settings of librdkafka, for consumers and producers alike. They win over the
    /// engine's own but for those that its promises rest on.
    pub settings: BTreeMap<String, String>,
    /// How errors name the settings.
    pub names: SettingNames,
}

impl Kafka {
    /// A cluster without further settings.
    pub fn new(brokers: impl Into<String>, client_id: impl Into<String>) -> Self {
        Kafka {
            brokers: brokers.into(),
            client_id: client_id.into(),
            settings: BTreeMap::new(),
            names: SettingNames::default(),
        }
    }

    /// Settings for a client of any kind.
    pub fn client_config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.brokers)
            .set("client.id", &self.client_id)
            .set("topic.metadata.refresh.interval.ms", "60000")
            .set("reconnect.backoff.max.ms", "2000")
            // Where librdkafka says that a broker hangs up.
            .set_log_level(RDKafkaLogLevel::Info);
        for (name, value) in &self.settings {
            config.set(name, value);
        }
        config
    }

    /// Tells what an error says about these settings.
    pub fn refusals(&self) -> Refusals {
        Refusals::of(self)
    }

    fn consumer_config(&self, group: &str) -> ClientConfig {
        let mut config = self.client_config();
        let defaults = [
            ("auto.offset.reset", "earliest"),
            ("fetch.queue.backoff.ms", "10"),
            ("queued.max.messages.kbytes", "65536"),
            ("session.timeout.ms", "10000"),
            ("heartbeat.interval.ms", "2000"),
            ("max.poll.interval.ms", "300000"),
        ];
        for (name, value) in defaults {
            if !self.settings.contains_key(name) {
                config.set(name, value);
            }
        }
        // The engine's promises rest on these.
        config
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("enable.partition.eof", "false")
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("statistics.interval.ms", "2000");
        config
    }

    fn producer_config(&self) -> ClientConfig {
        let mut config = self.client_config();
        for (name, value) in [("compression.type", "lz4"), ("linger.ms", "1")] {
            if !self.settings.contains_key(name) {
                config.set(name, value);
            }
        }
        // No send is given up by time: whoever sends decides how long to wait.
        config
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", "0")
            .set("partitioner", "murmur2_random");
        config
    }
}

impl Transport for Kafka {
    type Source = KafkaSource;

    fn join(&self, group: &str, topics: &[&str]) -> Result<KafkaSource, TransportError> {
        let shared = Arc::new(Shared::new(self.refusals()));
        let wake = Arc::new(Notify::new());
        let mut consumer: BaseConsumer<Context> = self
            .consumer_config(group)
            .create_with_context(Context(shared.clone()))
            .map_err(|e| TransportError(format!("consumer of group {group}: {e}")))?;
        let (told, on_event) = (shared.clone(), wake.clone());
        consumer.set_nonempty_callback(move || {
            told.has_events.store(true, Ordering::Release);
            on_event.notify_one();
        });
        let queue = Arc::new(queue::Queue::new(consumer, wake.clone()));
        let _ = shared.queue.set(Arc::downgrade(&queue));
        queue
            .consumer()
            .subscribe(topics)
            .map_err(|e| TransportError(format!("subscribing group {group} to {topics:?}: {e}")))?;
        Ok(KafkaSource {
            queue,
            shared,
            wake,
            raw: source::Raw::default(),
            served: Instant::now(),
            assigned: Vec::new(),
        })
    }

    fn progress<'a>(
        &'a self,
        group: &'a str,
        topics: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Progress>, TransportError>> {
        progress::of(self, group, topics).boxed()
    }

    fn sink(&self) -> Result<Arc<dyn Sink>, TransportError> {
        let sink = sink::KafkaSink::new(self.producer_config(), self.refusals());
        Ok(Arc::new(sink.map_err(|e| TransportError(format!("producer: {e}")))?))
    }
}
