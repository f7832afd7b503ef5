//! What becomes of the orders, read from the topics outside any consumer group.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use pipeline::codec::WriterSchema;
use pipeline::meta::header;
use pipeline::{Schemas, codec};
use rdkafka::consumer::Consumer;
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::types::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use serde::Deserialize;
use shop_events::NotificationChannel;
use shop_service::Cluster;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::book::Book;
use super::ledger::{Seen, Stage};
use super::stopwatch::Stopwatch;
use crate::broker::{self, Reader};
use crate::scan;

/// The story of the orders, and what customers were told.
const TOPICS: [&str; 2] = ["orders", "notifications"];
const PAUSE: Duration = Duration::from_millis(100);

/// Stands at the ends of the topics as they were when it was made.
pub(super) struct Watcher {
    reader: Reader,
    schemas: Schemas,
}

impl Watcher {
    pub(super) async fn at_the_end(cluster: &Cluster, schemas: Schemas) -> anyhow::Result<Self> {
        let places = scan::ends(cluster, &TOPICS).await?;
        anyhow::ensure!(
            !places.is_empty(),
            "the topics orders and notifications are not there: `orderline topics apply` makes them"
        );
        let mut list = TopicPartitionList::new();
        for ((topic, partition), end) in &places {
            list.add_partition_offset(topic, *partition, Offset::Offset(*end))?;
        }
        let reader = broker::consumer(cluster, "orderline-load")?;
        reader.assign(&list)?;
        Ok(Watcher { reader, schemas })
    }

    /// Writes into the book what it sees and when, until told to stop; blocks.
    pub(super) fn run(
        self,
        watch: Stopwatch,
        book: &Arc<Book>,
        stop: &CancellationToken,
    ) -> anyhow::Result<()> {
        while !stop.is_cancelled() {
            match self.reader.poll(PAUSE) {
                Some(Ok(message)) => {
                    let at = watch.micros();
                    if let Some(seen) = self.seen(&message, at)? {
                        book.lock().seen(seen);
                    }
                }
                Some(Err(KafkaError::PartitionEOF(_))) | None => {}
                // The client goes on by itself; should nothing come any more, patience ends.
                Some(Err(error)) if passes(&error) => {}
                Some(Err(error)) => return Err(error).context("watching the orders stopped"),
            }
        }
        Ok(())
    }

    /// Records that are no story of an order's say nothing.
    fn seen(&self, message: &BorrowedMessage<'_>, at: i64) -> anyhow::Result<Option<Seen>> {
        let key = message.key().and_then(|key| std::str::from_utf8(key).ok());
        let Some(order_id) = key.and_then(|key| key.parse().ok()) else { return Ok(None) };
        let Ok((id, bytes)) = codec::unframe(message.payload().unwrap_or_default()) else {
            return Ok(None);
        };
        let writer = match self.schemas.cached(id) {
            Some(writer) => writer,
            None => match Handle::current().block_on(self.schemas.writer(id)) {
                Ok(writer) => writer,
                Err(codec::DecodeError::Undecodable(_)) => return Ok(None),
                Err(error) => return Err(error).context("what was seen cannot be understood"),
            },
        };
        let Some(stage) = stage(&writer, bytes) else { return Ok(None) };
        Ok(Some(Seen { order_id, story: correlation(message).unwrap_or(order_id), stage, at }))
    }
}

/// What is told of a message to a customer.
#[derive(Deserialize)]
struct Told {
    channel: NotificationChannel,
}

/// How far a record says that its order has come. An order's push messages are not its mail.
fn stage(writer: &Arc<WriterSchema>, bytes: &[u8]) -> Option<Stage> {
    let stage = Stage::of(&writer.name)?;
    if matches!(stage, Stage::MailSent | Stage::MailFailed) {
        let told: Told = codec::decode(bytes, writer).ok()?;
        return (told.channel == NotificationChannel::Email).then_some(stage);
    }
    Some(stage)
}

fn correlation(message: &BorrowedMessage<'_>) -> Option<Uuid> {
    let mut headers = message.headers()?.iter();
    let value = headers.find(|header| header.key == header::CORRELATION)?.value?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Whether the connection failed, and not the reading.
fn passes(error: &KafkaError) -> bool {
    matches!(
        error.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::BrokerTransportFailure
                | RDKafkaErrorCode::AllBrokersDown
                | RDKafkaErrorCode::OperationTimedOut
                | RDKafkaErrorCode::Resolve
        )
    )
}

#[cfg(test)]
mod tests {
    use pipeline::{Cause, Emitter, Event};
    use shop_events::{NotificationFailed, NotificationFailure, NotificationSent};

    use super::*;

    async fn stage_of<E: Event>(event: &E) -> anyhow::Result<Option<Stage>> {
        let schemas = Schemas::in_memory();
        schemas.register::<E>().await?;
        let (_, record) =
            Emitter::new("notification", schemas.clone()).record(event, &Cause::default())?;
        let payload = record.payload.context("an event has a payload")?;
        let (id, bytes) = codec::unframe(&payload)?;
        Ok(stage(&schemas.writer(id).await?, bytes))
    }

    #[tokio::test]
    async fn a_push_message_is_no_mail() -> anyhow::Result<()> {
        let id = Uuid::from_u128(1);
        let by = |channel| {
            let sent = NotificationSent {
                notification_id: id,
                order_id: id,
                user_id: id,
                channel,
                template: "order_completed".into(),
                recipient: "a***@example.org".into(),
                message_id: None,
                sent_at: 1,
            };
            let failed = NotificationFailed {
                notification_id: id,
                order_id: id,
                user_id: id,
                channel,
                template: "order_completed".into(),
                recipient: None,
                message_id: None,
                reason: NotificationFailure::Refused,
                detail: None,
                failed_at: 1,
            };
            (sent, failed)
        };
        let (sent, failed) = by(NotificationChannel::Email);
        assert_eq!(stage_of(&sent).await?, Some(Stage::MailSent));
        assert_eq!(stage_of(&failed).await?, Some(Stage::MailFailed));
        let (sent, failed) = by(NotificationChannel::Push);
        assert_eq!((stage_of(&sent).await?, stage_of(&failed).await?), (None, None));
        Ok(())
    }
}
