//! A member of a consumer group, on one queue of its own.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rdkafka::consumer::{Consumer, RebalanceProtocol};
use rdkafka::{Offset, TopicPartitionList};
use tokio::sync::Notify;

use super::context::{Shared, unassign};
use super::queue::Queue;
use crate::transport::record::Inner;
use crate::transport::{Connection, Record, Source, SourceEvent, TopicPartition, Watermark};

/// The client's queue is looked at when it says that it is no longer empty, and this often in any
/// case: the broker must see that somebody polls.
const LOOK_ANYWAY: Duration = Duration::from_millis(100);
/// Events served in one go; one look does not tell whether there is another.
const SERVE: usize = 64;

/// A consumer on Kafka.
pub struct KafkaSource {
    pub(super) queue: Arc<Queue>,
    pub(super) shared: Arc<Shared>,
    pub(super) wake: Arc<Notify>,
    pub(super) raw: Raw,
    pub(super) served: Instant,
    pub(super) assigned: Vec<TopicPartition>,
}

/// Room for the pointers of one batch, kept from call to call and empty between them.
#[derive(Default)]
pub(super) struct Raw(Vec<*mut rdkafka_sys::rd_kafka_message_t>);

#[expect(unsafe_code, reason = "a vector of pointers that is empty whenever it changes threads")]
// SAFETY: `Queue::take` empties it before it returns.
unsafe impl Send for Raw {}

impl Source for KafkaSource {
    async fn ready(&mut self) {
        self.wake.notified().await;
    }

    fn events(&mut self, into: &mut Vec<SourceEvent>) {
        let told = self.shared.has_events.swap(false, Ordering::AcqRel);
        let served = if told || self.served.elapsed() > LOOK_ANYWAY { SERVE } else { 0 };
        if served > 0 {
            self.served = Instant::now();
        }
        for _ in 0..served {
            if let Err(trouble) = self.queue.serve()
                && self.shared.quiet.is_news(trouble.to_owned())
            {
                self.shared.push(SourceEvent::Trouble(trouble.to_owned()));
            }
        }
        let from = into.len();
        self.shared.take(into);
        for event in &into[from..] {
            match event {
                SourceEvent::Assigned(p) => self.assigned.extend(p.iter().cloned()),
                SourceEvent::Lost(p) => self.assigned.retain(|a| !p.contains(a)),
                _ => {}
            }
        }
    }

    fn drain(&mut self, most: usize, into: &mut Vec<Record>) -> usize {
        let shared = &self.shared;
        self.queue.take(
            most,
            &mut self.raw.0,
            |record| into.push(Record(Inner::Kafka(record))),
            |error, topic| {
                if !shared.denied(&error, &format!("reading {topic}")) {
                    shared.push(SourceEvent::Trouble(format!("{topic}: {error}")));
                }
            },
        )
    }

    fn commit(&mut self, offsets: &[(TopicPartition, i64)]) {
        let list = match list(offsets.iter().map(|(p, o)| (p, Offset::Offset(*o)))) {
            Ok(list) => list,
            Err(error) => return self.shared.push(SourceEvent::Trouble(error)),
        };
        if let Err(error) = self.queue.commit(&list) {
            let failed = offsets.iter().map(|(p, o)| (p.clone(), *o, Err(error.to_string())));
            self.shared.push(SourceEvent::Committed(failed.collect()));
        }
    }

    fn release(&mut self, partitions: &[TopicPartition]) {
        self.assigned.retain(|a| !partitions.contains(a));
        let consumer = self.queue.consumer();
        let cooperative = matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        let released = list(partitions.iter().map(|p| (p, Offset::Invalid)))
            .and_then(|l| unassign(consumer, &l, cooperative).map_err(|e| e.to_string()));
        if let Err(error) = released {
            self.shared.push(SourceEvent::Trouble(format!("giving up partitions: {error}")));
        }
    }

    fn watermarks(&mut self) -> Vec<Watermark> {
        let known = self.assigned.iter().filter_map(|partition| {
            let end = self.queue.cached_end(partition)?;
            Some(Watermark { partition: partition.clone(), end })
        });
        known.collect()
    }

    fn connection(&self) -> Connection {
        self.shared.connection()
    }

    /// On a thread of its own: closing waits for the coordinator without a bound of its own, and
    /// past the deadline the process goes on without waiting for it.
    async fn close(self, deadline: Duration) {
        let closing = tokio::task::spawn_blocking(move || drop(self));
        if tokio::time::timeout(deadline, closing).await.is_err() {
            tracing::warn!("the consumer did not leave its group in time; the broker will notice");
        }
    }
}

/// From here on a revoke is carried out at once: nobody is left who would release it.
impl Drop for KafkaSource {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.queue.stop_forwarding();
    }
}

fn list<'a>(
    entries: impl Iterator<Item = (&'a TopicPartition, Offset)>,
) -> Result<TopicPartitionList, String> {
    let mut list = TopicPartitionList::new();
    for (p, offset) in entries {
        list.add_partition_offset(&p.topic, p.partition, offset).map_err(|e| e.to_string())?;
    }
    Ok(list)
}
