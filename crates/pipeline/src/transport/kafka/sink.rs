//! A producer whose sends resolve when the broker has acknowledged them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{ClientConfig, ClientContext};
use tokio::sync::Notify;

use super::quiet::{self, Quiet};
use super::refusal::{Refusals, words};
use crate::db::Outgoing;
use crate::transport::{SendError, Sink};

pub(super) struct KafkaSink {
    config: ClientConfig,
    refusals: Refusals,
    producer: Mutex<Made>,
}

struct Made {
    producer: Arc<Producer>,
    at: Instant,
}

type Producer = ThreadedProducer<Deliveries>;

/// A producer that the broker lets write nothing at all is broken for good; whether another would
/// be let is tried so often.
const ANOTHER: Duration = Duration::from_secs(5);

/// One call of `send`: how many records are still under way, and what failed first.
#[derive(Default)]
pub(super) struct Batch {
    left: AtomicUsize,
    failed: Mutex<Option<SendError>>,
    done: Notify,
}

impl Batch {
    fn one_done(&self, error: Option<SendError>) {
        if let Some(error) = error {
            let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
            failed.get_or_insert(error);
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.done.notify_one();
        }
    }
}

pub(super) struct Deliveries {
    quiet: Quiet,
    refusals: Refusals,
}

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        let words = words(reason);
        if self.quiet.is_news(words.to_owned()) {
            let denied = self.refusals.denied(&error, words);
            match denied.or_else(|| self.refusals.explain(&error, words)) {
                Some(why) => tracing::warn!(
                    failure.reason = why,
                    "the Kafka producer is refused, and tries again"
                ),
                None => {
                    tracing::warn!(%error, failure.reason = words, "the Kafka producer has trouble, and goes on")
                }
            }
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        quiet::log(facility, message);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Arc<Batch>;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: Arc<Batch>) {
        batch.one_done(result.as_ref().err().map(|(error, message)| {
            let denied = self.refusals.denied(error, "writing to it");
            SendError {
                topic: message.topic().to_owned(),
                reason: denied.unwrap_or_else(|| error.to_string()),
            }
        }));
    }
}

const QUEUE_FULL: KafkaError = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);

impl Sink for KafkaSink {
    fn send(&self, records: Vec<Outgoing>) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            let Some(first) = records.first() else { return Ok(()) };
            let producer = self
                .producer()
                .await
                .map_err(|reason| SendError { topic: first.topic.clone(), reason })?;
            let batch = Arc::new(Batch::default());
            // One more than the records, so that it is not done before all are handed over.
            batch.left.store(records.len() + 1, Ordering::Release);
            for record in &records {
                enqueue(&producer, record, &batch).await;
            }
            batch.one_done(None);
            batch.done.notified().await;
            let failed = batch.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            match failed {
                None => Ok(()),
                Some(error) => Err(SendError {
                    reason: self.broken(&producer).unwrap_or(error.reason),
                    topic: error.topic,
                }),
            }
        }
        .boxed()
    }
}

impl KafkaSink {
    pub(super) fn new(config: ClientConfig, refusals: Refusals) -> KafkaResult<Self> {
        let producer = Mutex::new(make(&config, &refusals)?);
        Ok(KafkaSink { config, refusals, producer })
    }

    /// The producer; another one where the last is broken for good.
    async fn producer(&self) -> Result<Arc<Producer>, String> {
        let (old, at) = {
            let made = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
            (made.producer.clone(), made.at)
        };
        let Some(why) = self.broken(&old) else { return Ok(old) };
        if at.elapsed() < ANOTHER {
            return Err(why);
        }
        let made = make(&self.config, &self.refusals).map_err(|error| error.to_string())?;
        let producer = made.producer.clone();
        let old = std::mem::replace(
            &mut *self.producer.lock().unwrap_or_else(PoisonError::into_inner),
            made,
        );
        // Its end joins its thread.
        let _ = tokio::task::spawn_blocking(move || drop(old)).await;
        Ok(producer)
    }

    fn broken(&self, producer: &Producer) -> Option<String> {
        let (code, words) = producer.client().fatal_error()?;
        let error = KafkaError::MessageProduction(code);
        Some(self.refusals.denied(&error, &words).unwrap_or(words))
    }
}

fn make(config: &ClientConfig, refusals: &Refusals) -> KafkaResult<Made> {
    let deliveries = Deliveries { quiet: Quiet::default(), refusals: refusals.clone() };
    let producer = Arc::new(config.create_with_context(deliveries)?);
    Ok(Made { producer, at: Instant::now() })
}

async fn enqueue(producer: &Producer, record: &Outgoing, batch: &Arc<Batch>) {
    let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
    for (name, value) in &record.headers {
        headers = headers.insert(Header { key: name, value: Some(value) });
    }
    let mut message: BaseRecord<'_, [u8], [u8], Arc<Batch>> =
        BaseRecord::with_opaque_to(&record.topic, batch.clone()).headers(headers);
    message.key = record.key.as_deref();
    message.payload = record.payload.as_deref();
    loop {
        match producer.send(message) {
            Ok(()) => return,
            Err((error, back)) if error == QUEUE_FULL => {
                message = back;
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Err((error, _)) => {
                let topic = record.topic.clone();
                return batch.one_done(Some(SendError { topic, reason: error.to_string() }));
            }
        }
    }
}
