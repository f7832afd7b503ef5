//! Asks a broker how far a group has come, as no member of it.

use std::time::Duration;

use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::Offset;

use super::{Asking, Kafka, Silence, metadata};
use crate::transport::{Progress, TopicPartition, TransportError};

/// How long a broker may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn of(
    kafka: &Kafka,
    group: &str,
    topics: &[&str],
) -> Result<Vec<Progress>, TransportError> {
    let topics: Vec<String> = topics.iter().map(|topic| (*topic).to_owned()).collect();
    let (kafka, name) = (kafka.clone(), group.to_owned());
    // librdkafka's questions block.
    let asked = tokio::task::spawn_blocking(move || ask(&kafka, &name, &topics)).await;
    let said = asked.map_err(|error| error.to_string()).and_then(|answer| answer);
    said.map_err(|why| TransportError(format!("asking how far group {group} is: {why}")))
}

fn ask(kafka: &Kafka, group: &str, topics: &[String]) -> Result<Vec<Progress>, String> {
    let words = |error: KafkaError| error.to_string();
    let mut config = kafka.client_config();
    config.set("group.id", group).set("enable.auto.commit", "false");
    let consumer: BaseConsumer<Asking> =
        config.create_with_context(Asking::new(kafka.refusals())).map_err(words)?;
    let mut list = TopicPartitionList::new();
    for topic in topics {
        let known =
            metadata(&consumer, Some(topic), PATIENCE).map_err(|silence| match silence {
                Silence::Refused(why) => why,
                Silence::Away(error) => words(error),
            })?;
        let partitions = known.topics().iter().flat_map(|topic| topic.partitions());
        let before = list.count();
        partitions.for_each(|partition| {
            list.add_partition(topic, partition.id());
        });
        if list.count() == before {
            return Err(format!("there is no topic {topic}"));
        }
    }
    let committed = consumer.committed_offsets(list, PATIENCE).map_err(words)?;
    let each = |element: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
        element.error().map_err(words)?;
        let (topic, partition) = (element.topic().to_owned(), element.partition());
        let (begin, end) = consumer.fetch_watermarks(&topic, partition, PATIENCE).map_err(words)?;
        let committed = match element.offset() {
            Offset::Offset(offset) => Some(offset),
            _ => None,
        };
        Ok(Progress { partition: TopicPartition { topic, partition }, committed, begin, end })
    };
    committed.elements().iter().map(each).collect()
}
