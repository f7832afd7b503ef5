//! What librdkafka calls back: rebalances, commit answers, errors, statistics.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, RebalanceProtocol};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::types::{RDKafkaErrorCode, RDKafkaRespErr};
use rdkafka::{ClientContext, Statistics, TopicPartitionList};

use super::queue::Queue;
use super::quiet::{self, Quiet};
use super::refusal::{Refusals, words};
use crate::transport::{Connection, SourceEvent, TopicPartition};

/// More errors than this, each in its own words, are not worth to be kept.
const EXPLAINED: usize = 32;

/// Shared between the callbacks and the source that they run for.
#[derive(Default)]
pub(super) struct Shared {
    events: Mutex<Vec<SourceEvent>>,
    connection: Mutex<Connection>,
    refusals: Refusals,
    /// What was found out about an error when it was news, by its words.
    explained: Mutex<HashMap<String, String>>,
    pub(super) closing: AtomicBool,
    /// Set by the client when its own queue is no longer empty.
    pub(super) has_events: AtomicBool,
    pub(super) quiet: Quiet,
    pub(super) queue: OnceLock<Weak<Queue>>,
}

impl Shared {
    pub(super) fn new(refusals: Refusals) -> Self {
        Shared { refusals, ..Shared::default() }
    }

    pub(super) fn connection(&self) -> Connection {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is(&self, connection: Connection) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// No broker is up; a refusal that is known says more than that.
    fn is_away(&self) {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        if *connection == Connection::Up {
            *connection = Connection::Away;
        }
    }

    /// The client's own error, as far as it is one that the broker's rules or the settings explain.
    pub(super) fn denied(&self, error: &KafkaError, what: &str) -> bool {
        let denied = self.refusals.denied(error, what);
        denied.map(|why| self.push(SourceEvent::Denied(why))).is_some()
    }

    /// The client's error about its connection. It is explained on a thread of its own, for that
    /// may take a look at the broker's certificate.
    fn failed(self: &Arc<Self>, error: KafkaError, reason: &str) {
        let words = words(reason).to_owned();
        if !self.quiet.is_news(words.clone()) {
            if let Some(why) = self.explained().get(&words) {
                self.is(Connection::Refused(why.clone()));
            }
            return;
        }
        let shared = self.clone();
        std::thread::spawn(move || {
            let Some(why) = shared.refusals.explain(&error, &words) else {
                return shared.push(SourceEvent::Trouble(format!("{error}: {words}")));
            };
            shared.is(Connection::Refused(why.clone()));
            shared.explained().insert(words, why.clone());
            shared.push(SourceEvent::Trouble(why));
        });
    }

    fn explained(&self) -> MutexGuard<'_, HashMap<String, String>> {
        let mut explained = self.explained.lock().unwrap_or_else(PoisonError::into_inner);
        if explained.len() > EXPLAINED {
            explained.clear();
        }
        explained
    }

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
        if statistics.brokers.values().any(|broker| broker.state == "UP") {
            self.0.is(Connection::Up);
        } else {
            self.0.is_away();
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        let code = error.rdkafka_error_code();
        if code == Some(RDKafkaErrorCode::AllBrokersDown) {
            self.0.is_away();
        }
        if code == Some(RDKafkaErrorCode::Fatal) {
            self.0.push(SourceEvent::Fatal(reason.to_owned()));
        } else if !self.0.denied(&error, reason) {
            self.0.failed(error, reason);
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        quiet::log(facility, message);
        if let Some((error, words)) = self.0.refusals.logged(message) {
            self.0.failed(error, &words);
        }
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
            self.0.is(Connection::Up);
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
            let each = e.error().and(result.clone()).map_err(|error| {
                self.0.denied(&error, &format!("committing {}", e.topic()));
                error.to_string()
            });
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
