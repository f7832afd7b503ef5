//! A producer whose sends resolve when the broker has acknowledged them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Header, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, ProducerContext, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;
use tokio::sync::Notify;

use super::quiet::{self, Quiet};
use crate::db::Outgoing;
use crate::transport::{SendError, Sink};

pub(super) struct KafkaSink(pub(super) ThreadedProducer<Deliveries>);

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

#[derive(Default)]
pub(super) struct Deliveries(Quiet);

impl ClientContext for Deliveries {
    fn error(&self, error: KafkaError, reason: &str) {
        if self.0.is_news(error.to_string()) {
            tracing::warn!(%error, failure.reason = reason, "the Kafka producer has trouble, and goes on");
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        quiet::log(facility, message);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = Arc<Batch>;

    fn delivery(&self, result: &DeliveryResult<'_>, batch: Arc<Batch>) {
        batch.one_done(result.as_ref().err().map(|(error, message)| SendError {
            topic: message.topic().to_owned(),
            reason: error.to_string(),
        }));
    }
}

const QUEUE_FULL: KafkaError = KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull);

impl Sink for KafkaSink {
    fn send(&self, records: Vec<Outgoing>) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            let batch = Arc::new(Batch::default());
            // One more than the records, so that it is not done before all are handed over.
            batch.left.store(records.len() + 1, Ordering::Release);
            for record in &records {
                self.enqueue(record, &batch).await;
            }
            batch.one_done(None);
            batch.done.notified().await;
            let failed = batch.failed.lock().unwrap_or_else(PoisonError::into_inner).take();
            failed.map_or(Ok(()), Err)
        }
        .boxed()
    }
}

impl KafkaSink {
    async fn enqueue(&self, record: &Outgoing, batch: &Arc<Batch>) {
        let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
        for (name, value) in &record.headers {
            headers = headers.insert(Header { key: name, value: Some(value) });
        }
        let mut message: BaseRecord<'_, [u8], [u8], Arc<Batch>> =
            BaseRecord::with_opaque_to(&record.topic, batch.clone()).headers(headers);
        message.key = record.key.as_deref();
        message.payload = record.payload.as_deref();
        loop {
            match self.0.send(message) {
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
}
