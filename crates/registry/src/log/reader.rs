//! Reads the topic from its beginning, on a thread of its own, and hands over every record in
//! order.

use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::{Message, Offset, TopicPartitionList};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{Record, Unreadable, client};
use crate::config::Config;

/// Takes what the log says.
pub(crate) trait Sink: Send + 'static {
    /// The record at `offset`.
    fn take(&mut self, offset: i64, record: Record);
    /// Everything that was in the log when this was found out has been taken.
    fn caught_up(&mut self);
}

/// Why reading ended before it was told to.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A record that must not be passed over.
    #[error("record {offset} of topic {topic} stops the registry: {cause}")]
    Record {
        /// Which topic.
        topic: String,
        /// Where in it.
        offset: i64,
        /// What is wrong with it.
        cause: Unreadable,
    },
    /// The log lost records that were in memory already, or that were never read.
    #[error(
        "topic {0} was cut or created anew while the registry ran: start it again to read what is there now"
    )]
    Cut(String),
    /// The client could not be made, or is broken for good.
    #[error(
        "the Kafka client cannot read ({0}): check --kafka and the access rules, then start again"
    )]
    Client(#[from] KafkaError),
}

pub(crate) struct Reader {
    consumer: Weak<BaseConsumer>,
    ended: oneshot::Receiver<Result<(), ReadError>>,
}

impl Reader {
    pub(crate) fn start(
        config: &Config,
        mut sink: impl Sink,
        stop: CancellationToken,
    ) -> Result<Self, ReadError> {
        let consumer: Arc<BaseConsumer> = Arc::new(client::consumer(config).create()?);
        let mut assignment = TopicPartitionList::new();
        assignment.add_partition_offset(&config.topic, 0, Offset::Beginning)?;
        consumer.assign(&assignment)?;
        let (end, ended) = oneshot::channel();
        let (weak, topic) = (Arc::downgrade(&consumer), config.topic.clone());
        let run = move || {
            let result = read(&consumer, &topic, &mut sink, &stop);
            // The receiver is gone when the registry is; then nobody needs to know. Nor does
            // anybody have to wait for the client to close.
            let _ = end.send(result);
        };
        thread::Builder::new()
            .name("registry-log".into())
            .spawn(run)
            .map_err(|error| KafkaError::ClientCreation(error.to_string()))?;
        Ok(Self { consumer: weak, ended })
    }

    /// For asking how far the log goes.
    pub(crate) fn consumer(&self) -> Weak<BaseConsumer> {
        self.consumer.clone()
    }

    pub(crate) async fn ended(self) -> Result<(), ReadError> {
        self.ended.await.unwrap_or(Ok(()))
    }
}

fn read(
    consumer: &BaseConsumer,
    topic: &str,
    sink: &mut impl Sink,
    stop: &CancellationToken,
) -> Result<(), ReadError> {
    while !stop.is_cancelled() {
        match consumer.poll(Duration::from_millis(100)) {
            None => {}
            Some(Ok(message)) => {
                let offset = message.offset();
                let record = Record::decode(message.key(), message.payload()).map_err(|cause| {
                    ReadError::Record { topic: topic.to_owned(), offset, cause }
                })?;
                if record == Record::Foreign {
                    tracing::warn!(
                        log.offset = offset,
                        "passed over a record that no registry wrote"
                    );
                }
                sink.take(offset, record);
            }
            Some(Err(KafkaError::PartitionEOF(_))) => sink.caught_up(),
            Some(Err(error)) => match error.rdkafka_error_code() {
                Some(RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange) => {
                    return Err(ReadError::Cut(topic.to_owned()));
                }
                Some(RDKafkaErrorCode::Fatal) => return Err(error.into()),
                _ => tracing::warn!(kafka.error = %error, "reading the log"),
            },
        }
    }
    Ok(())
}
