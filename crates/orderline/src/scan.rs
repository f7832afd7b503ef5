//! Reading topics from a place to their end, outside any consumer group.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use indicatif::ProgressBar;
use pipeline::{Schemas, codec};
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::{Offset, TopicPartitionList};
use serde::de::DeserializeOwned;
use shop_service::Cluster;

use crate::broker::{self, PATIENCE, Reader};

/// The group that clients have to name, and that this one never joins.
const GROUP: &str = "orderline-scan";

/// A place in each partition.
pub(crate) type Places = BTreeMap<(String, i32), i64>;

/// First offset and end of each partition.
pub(crate) type Bounds = BTreeMap<(String, i32), (i64, i64)>;

/// A record that was read.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) topic: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) millis: i64,
    pub(crate) key: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) payload: Option<Vec<u8>>,
}

impl Found {
    fn new(message: &BorrowedMessage<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        Found {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            millis: message.timestamp().to_millis().unwrap_or(0),
            key: text(message.key().unwrap_or_default()),
            headers: headers
                .map(|header| (header.key.to_owned(), text(header.value.unwrap_or_default())))
                .collect(),
            payload: message.payload().map(<[u8]>::to_vec),
        }
    }

    /// The type's full name and the record, in a form that has the fields asked for.
    pub(crate) async fn decode<T: DeserializeOwned>(
        &self,
        schemas: &Schemas,
    ) -> Result<(String, T), codec::DecodeError> {
        let (id, bytes) = codec::unframe(self.payload.as_deref().unwrap_or_default())?;
        let writer = schemas.writer(id).await?;
        Ok((writer.name.clone(), codec::decode(bytes, &writer)?))
    }
}

/// The ends of these topics now. Topics that are not there are passed over.
pub(crate) async fn ends(cluster: &Cluster, topics: &[&str]) -> anyhow::Result<Places> {
    let (cluster, topics) = (cluster.clone(), owned(topics));
    tokio::task::spawn_blocking(move || {
        let bounds = bounds(&broker::consumer(&cluster, GROUP)?, &cluster, &topics)?;
        Ok(bounds.into_iter().map(|(place, (_, end))| (place, end)).collect())
    })
    .await?
}

/// All records of these topics, from `from` (or the beginning) to the ends as they are now, that
/// `keep` wants.
pub(crate) async fn read(
    cluster: &Cluster,
    topics: &[&str],
    from: Places,
    keep: impl Fn(&BorrowedMessage<'_>) -> bool + Send + 'static,
) -> anyhow::Result<Vec<Found>> {
    let (cluster, topics) = (cluster.clone(), owned(topics));
    tokio::task::spawn_blocking(move || {
        let consumer = broker::consumer(&cluster, GROUP)?;
        let bounds = bounds(&consumer, &cluster, &topics)?;
        read_blocking(&consumer, &bounds, &from, keep)
    })
    .await?
}

fn owned(topics: &[&str]) -> Vec<String> {
    topics.iter().map(|topic| (*topic).to_owned()).collect()
}

/// The bounds of these topics now.
pub(crate) fn bounds(
    consumer: &Reader,
    cluster: &Cluster,
    topics: &[String],
) -> anyhow::Result<Bounds> {
    let map = broker::map(consumer, cluster)?;
    let mut bounds = BTreeMap::new();
    for topic in topics {
        let partitions = map.topics.get(topic).map_or(0, |shape| shape.partitions);
        for partition in 0..partitions {
            let found = consumer
                .fetch_watermarks(topic, partition, PATIENCE)
                .with_context(|| format!("the ends of {topic}[{partition}] cannot be read"))?;
            bounds.insert((topic.clone(), partition), found);
        }
    }
    Ok(bounds)
}

fn read_blocking(
    consumer: &Reader,
    bounds: &Bounds,
    from: &Places,
    keep: impl Fn(&BorrowedMessage<'_>) -> bool,
) -> anyhow::Result<Vec<Found>> {
    let mut open: BTreeMap<(String, i32), i64> = BTreeMap::new();
    let (mut list, mut total) = (TopicPartitionList::new(), 0);
    for ((topic, partition), (low, end)) in bounds {
        let place = (topic.clone(), *partition);
        let start = from.get(&place).copied().unwrap_or(*low).max(*low);
        if start < *end {
            list.add_partition_offset(topic, *partition, Offset::Offset(start))?;
            total += u64::try_from(end - start).unwrap_or(0);
            open.insert(place, *end);
        }
    }
    consumer.assign(&list)?;
    let elements: Vec<_> =
        list.elements().iter().map(|e| (e.topic().to_owned(), e.partition())).collect();
    let bar = ProgressBar::new(total).with_message("records read");
    let mut found = Vec::new();
    while !open.is_empty() {
        match consumer.poll(PATIENCE) {
            Some(Ok(message)) => {
                bar.inc(1);
                let place = (message.topic().to_owned(), message.partition());
                let Some(end) = open.get(&place) else { continue };
                let (last, within) = (message.offset() + 1 >= *end, message.offset() < *end);
                if within && keep(&message) {
                    found.push(Found::new(&message));
                }
                if last {
                    open.remove(&place);
                }
            }
            // Compaction may have removed the last records before the end.
            Some(Err(KafkaError::PartitionEOF(partition))) => {
                for (topic, _) in elements.iter().filter(|(_, p)| *p == partition) {
                    let place = (topic.clone(), partition);
                    let position = position(consumer, &place)?;
                    if open.get(&place).is_some_and(|end| position >= Some(*end)) {
                        open.remove(&place);
                    }
                }
            }
            Some(Err(error)) => bail!("reading stopped: {error}"),
            None => {
                bail!("the broker has sent nothing for {PATIENCE:?}; try again when it answers")
            }
        }
    }
    bar.finish_and_clear();
    Ok(found)
}

fn position(consumer: &Reader, place: &(String, i32)) -> anyhow::Result<Option<i64>> {
    let positions = consumer.position()?;
    let element = positions.find_partition(&place.0, place.1);
    Ok(element.and_then(|element| element.offset().to_raw()))
}
