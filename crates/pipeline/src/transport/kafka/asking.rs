//! The context of a client that asks a broker something, outside any group.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::metadata::Metadata;

use super::quiet;
use super::refusal::Refusals;

/// Events served in one go.
const EVENTS: usize = 64;

/// Keeps why the broker refuses the client, for whoever asked; librdkafka itself only says that
/// there was no answer in time. Other errors come with the answers.
#[derive(Default)]
pub struct Asking {
    refusals: Refusals,
    refused: Mutex<Option<String>>,
}

impl Asking {
    /// A client with these settings.
    pub fn new(refusals: Refusals) -> Self {
        Asking { refusals, refused: Mutex::default() }
    }

    /// Why the broker has refused the client last, as far as the client has been polled.
    pub fn refused(&self) -> Option<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What an answer says about the user's rights.
    pub fn denied(&self, error: &KafkaError, what: &str) -> Option<String> {
        self.refusals.denied(error, what)
    }
}

impl ClientContext for Asking {
    fn error(&self, error: KafkaError, reason: &str) {
        if let Some(why) = self.refusals.explain(&error, reason) {
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        }
    }

    fn log(&self, _: RDKafkaLogLevel, facility: &str, message: &str) {
        quiet::log(facility, message);
        if let Some((error, words)) = self.refusals.logged(message) {
            self.error(error, &words);
        }
    }
}

impl ConsumerContext for Asking {}

/// Why a broker has not answered.
#[derive(Debug)]
pub enum Silence {
    /// It, or its certificate, is not to be talked to with these settings.
    Refused(String),
    /// The client's words.
    Away(KafkaError),
}

/// Asks for brokers and topics, in short turns, so that a refusal is told as soon as it is known:
/// the client itself would try again until the end. For a consumer without an assignment.
pub fn metadata(
    consumer: &BaseConsumer<Asking>,
    topic: Option<&str>,
    patience: Duration,
) -> Result<Metadata, Silence> {
    let end = Instant::now() + patience;
    loop {
        let error = match consumer.fetch_metadata(topic, patience / 10) {
            Ok(metadata) => return Ok(metadata),
            Err(error) => error,
        };
        // What there is to be served is errors and log lines. One look does not tell whether there
        // is another.
        for _ in 0..EVENTS {
            consumer.poll(Duration::ZERO);
        }
        if let Some(why) = consumer.context().refused() {
            return Err(Silence::Refused(why));
        }
        if Instant::now() > end {
            return Err(Silence::Away(error));
        }
    }
}
