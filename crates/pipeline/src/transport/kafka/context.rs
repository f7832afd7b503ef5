//! What librdkafka calls back: rebalances, commit answers, errors, statistics.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{ClientContext, Statistics, TopicPartitionList};

use super::queue::Queue;
use super::quiet::{self, Quiet};
use crate::transport::{SourceEvent, TopicPartition};

/// Shared between the callbacks and the source that they run for.
#[derive(Default)]
pub(super) struct Shared {
    events: Mutex<Vec<SourceEvent>>,
    pub(super) connected: AtomicBool,
    pub(super) closing: AtomicBool,
    /// Set by the client when its own queue is no longer empty.
    pub(super) has_events: AtomicBool,
    pub(super) quiet: Quiet,
    pub(super) queue: OnceLock<Weak<Queue>>,
}

impl Shared {
    pub(super) fn push(&self, event: SourceEvent) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    pub(super) fn take(&self, into: &mut Vec<SourceEvent>) {
        into.append(&mut self.events.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

pub(super) struct Context(pub(super) Arc<Shared>);

impl ClientContext for Context {
    fn stats(&self, statistics: Statistics) {
        let up = statistics.brokers.values().any(|broker| broker.state == "UP");
        self.0.connected.store(up, Ordering::Relaxed);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.0.connected.store(false, Ordering::Relaxed);
        }
        if code == Some(RDKafkaErrorCode::Fatal) {
            self.0.push(SourceEvent::Fatal(reason.to_owned()));
        } else if self.0.quiet.is_news(error.to_string()) {
            self.0.push(SourceEvent::Trouble(format!("{error}: {reason}")));
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        quiet::log(facility, message);
    }
}

impl ConsumerContext for Context {
    /// A revoke is not carried out here: the engine first finishes and commits what it has of
    /// those partitions, polling all the while, and then releases them.
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        err: RDKafkaRespErr,
        tpl: &mut TopicPartitionList,
    ) {
        let partitions = partitions_of(tpl);
        let cooperative = matches!(consumer.rebalance_protocol(), RebalanceProtocol::Cooperative);
        let result = if err == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            if let Some(queue) = self.0.queue.get().and_then(Weak::upgrade) {
                partitions.iter().for_each(|p| queue.forward(p));
            }
            self.0.connected.store(true, Ordering::Relaxed);
            self.0.push(SourceEvent::Assigned(partitions));
            if cooperative { consumer.incremental_assign(tpl) } else { consumer.assign(tpl) }
        } else if consumer.assignment_lost() || self.0.closing.load(Ordering::Acquire) {
            self.0.push(SourceEvent::Lost(partitions));
            unassign(consumer, tpl, cooperative)
        } else {
            self.0.push(SourceEvent::Revoking(partitions));
            Ok(())
        };
        if let Err(error) = result {
            self.0.push(SourceEvent::Trouble(format!("rebalance: {error}")));
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, offsets: &TopicPartitionList) {
        let elements = offsets.elements();
        let answers = elements.iter().map(|e| {
            let each = e.error().and(result.clone()).map_err(|error| error.to_string());
            (partition_of(e.topic(), e.partition()), e.offset().to_raw().unwrap_or(-1), each)
        });
        self.0.push(SourceEvent::Committed(answers.collect()));
    }
}

pub(super) fn unassign(
    consumer: &BaseConsumer<Context>,
    tpl: &TopicPartitionList,
    cooperative: bool,
) -> KafkaResult<()> {
    if cooperative { consumer.incremental_unassign(tpl) } else { consumer.unassign() }
}

fn partitions_of(tpl: &TopicPartitionList) -> Vec<TopicPartition> {
    tpl.elements().iter().map(|e| partition_of(e.topic(), e.partition())).collect()
}

fn partition_of(topic: &str, partition: i32) -> TopicPartition {
    TopicPartition { topic: topic.to_owned(), partition }
}
