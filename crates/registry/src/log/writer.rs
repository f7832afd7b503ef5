use std::sync::atomic::{AtomicU64, Ordering};

use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};

use super::{Proposal, client};
use crate::config::Config;

/// Puts proposals into the log; whether they count is for the log to say.
pub(crate) struct Writer {
    producer: FutureProducer,
    topic: String,
    instance: String,
    written: AtomicU64,
}

/// What is known of a proposal that did not get through.
#[derive(Debug)]
pub(crate) enum WriteError {
    /// It is not in the log and never will be.
    NotWritten(String),
    /// It may be in the log, now or later.
    Unknown(String),
}

impl Writer {
    pub(crate) fn new(config: &Config) -> Result<Self, KafkaError> {
        Ok(Self {
            producer: client::producer(config).create()?,
            topic: config.topic.clone(),
            instance: config.instance.clone(),
            written: AtomicU64::new(0),
        })
    }

    pub(crate) fn nonce(&self) -> String {
        let count = self.written.fetch_add(1, Ordering::Relaxed);
        format!("{}-{count}", self.instance)
    }

    /// Resolves once every in-sync replica has the proposal.
    pub(crate) async fn append(&self, proposal: &Proposal) -> Result<(), WriteError> {
        let (key, value) = proposal.encode();
        let record = FutureRecord::to(&self.topic).partition(0).key(&key).payload(&value);
        let refused = |error: KafkaError| WriteError::NotWritten(error.to_string());
        let delivery = self.producer.send_result(record).map_err(|(error, _)| refused(error))?;
        match delivery.await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err((error, _))) => match error.rdkafka_error_code() {
                Some(
                    RDKafkaErrorCode::MessageSizeTooLarge
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::NotEnoughReplicas,
                ) => Err(refused(error)),
                _ => Err(WriteError::Unknown(error.to_string())),
            },
            Err(_) => Err(WriteError::Unknown("the producer was closed".into())),
        }
    }
}
