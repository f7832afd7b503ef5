//! Every user × every topic and group × every operation.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::bail;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, BaseRecord, ProducerContext};
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Offset, TopicPartitionList};

use crate::secured::{PATIENCE, Secured};

#[derive(Debug, Clone)]
pub(crate) enum What {
    Read(String),
    Write(String),
    Join(String),
}

/// Something that a user tries.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub(crate) user: String,
    pub(crate) what: What,
    /// Whether the table declares it.
    pub(crate) declared: bool,
}

pub(crate) fn all() -> Vec<Attempt> {
    let declared = shop_events::declared();
    let topics: Vec<String> = declared.iter().map(|topic| topic.name.clone()).collect();
    let groups: BTreeSet<&String> = declared.iter().flat_map(|topic| &topic.groups).collect();
    let has = |names: &[String], name: &str| names.iter().any(|n| n == "*" || n == name);
    let mut attempts = Vec::new();
    for user in shop_events::access() {
        let mut add = |what, declared| {
            attempts.push(Attempt { user: user.name.clone(), what, declared });
        };
        for topic in &topics {
            add(What::Read(topic.clone()), has(&user.reads, topic));
            add(What::Write(topic.clone()), has(&user.all_writes(), topic));
        }
        for group in &groups {
            add(What::Join((*group).clone()), has(&user.joins, group));
        }
    }
    attempts
}

const DENIED: [RDKafkaErrorCode; 3] = [
    RDKafkaErrorCode::TopicAuthorizationFailed,
    RDKafkaErrorCode::GroupAuthorizationFailed,
    RDKafkaErrorCode::ClusterAuthorizationFailed,
];

const UNKNOWN_TO_USER: RDKafkaRespErr =
    RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;

fn is_denied(error: &KafkaError) -> bool {
    error.rdkafka_error_code().is_some_and(|code| DENIED.contains(&code))
}

/// What became of it, as a client is told.
#[derive(Default, Clone)]
struct Told(Arc<Mutex<Option<bool>>>);

impl Told {
    fn may(&self, may: bool) {
        self.0.lock().expect("not poisoned").get_or_insert(may);
    }

    fn wait(&self, mut poll: impl FnMut()) -> anyhow::Result<bool> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            poll();
            if let Some(may) = *self.0.lock().expect("not poisoned") {
                return Ok(may);
            }
        }
        bail!("no answer within {PATIENCE:?}")
    }
}

impl ClientContext for Told {
    fn error(&self, _: KafkaError, _: &str) {}
}

impl ConsumerContext for Told {
    /// Whatever partitions it gets, or none: it is a member.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if matches!(rebalance, Rebalance::Assign(_)) {
            self.may(true);
        }
    }
}

impl ProducerContext for Told {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        match result {
            Ok(_) => self.may(true),
            Err((error, _)) if is_denied(error) => self.may(false),
            Err(_) => {}
        }
    }
}

impl Attempt {
    /// Whether the broker lets it.
    pub(crate) fn make(&self, broker: &Secured) -> anyhow::Result<bool> {
        match &self.what {
            What::Read(topic) => self.read(broker, topic),
            What::Write(topic) => self.write(broker, topic),
            What::Join(group) => self.join(broker, group),
        }
    }

    fn read(&self, broker: &Secured, topic: &str) -> anyhow::Result<bool> {
        let told = Told::default();
        let mut config = broker.client(&self.user)?;
        // A group is named because a consumer must; it is not joined.
        config.set("group.id", "nobody").set("enable.partition.eof", "true");
        let consumer: BaseConsumer<Told> = config.create_with_context(told.clone())?;
        // A user that may not even know the topic is told so here, and nowhere else.
        let metadata = consumer.fetch_metadata(Some(topic), PATIENCE)?;
        if metadata.topics().iter().any(|topic| topic.error() == Some(UNKNOWN_TO_USER)) {
            return Ok(false);
        }
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(topic, 0, Offset::Beginning)?;
        consumer.assign(&list)?;
        told.wait(|| match consumer.poll(Duration::from_millis(50)) {
            Some(Ok(_)) | Some(Err(KafkaError::PartitionEOF(_))) => told.may(true),
            Some(Err(error))
                if error.rdkafka_error_code()
                    == Some(RDKafkaErrorCode::TopicAuthorizationFailed) =>
            {
                told.may(false);
            }
            _ => {}
        })
    }

    fn write(&self, broker: &Secured, topic: &str) -> anyhow::Result<bool> {
        let told = Told::default();
        let producer: BaseProducer<Told> =
            broker.client(&self.user)?.create_with_context(told.clone())?;
        let record: BaseRecord<'_, str, str> = BaseRecord::to(topic).partition(0).key("k");
        match producer.send(record.payload("v")) {
            Ok(()) => told.wait(|| {
                producer.poll(Duration::from_millis(50));
            }),
            Err((error, _)) if is_denied(&error) => Ok(false),
            Err((error, _)) => Err(error.into()),
        }
    }

    fn join(&self, broker: &Secured, group: &str) -> anyhow::Result<bool> {
        let told = Told::default();
        let mut config = broker.client(&self.user)?;
        config.set("group.id", group);
        let consumer: BaseConsumer<Told> = config.create_with_context(told.clone())?;
        // One that the user may know of: who knows no topic that it asks for does not try to join.
        let users = shop_events::access();
        let reads = users.iter().filter(|user| user.name == self.user).flat_map(|user| &user.reads);
        let known = reads.map(|topic| topic.as_str()).find(|topic| *topic != "*");
        consumer.subscribe(&[known.unwrap_or("orders")])?;
        told.wait(|| match consumer.poll(Duration::from_millis(50)) {
            Some(Err(error))
                if error.rdkafka_error_code()
                    == Some(RDKafkaErrorCode::GroupAuthorizationFailed) =>
            {
                told.may(false);
            }
            _ => {}
        })
    }
}
