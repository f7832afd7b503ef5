//! Dead letters: the bytes as they came, where they came from, why, how often, and which build.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::clock::Clock;
use crate::db::Outgoing;
use crate::engine::{Rejection, Work};
use crate::meta::Header;
use crate::status::GroupStatus;
use crate::trace::Traces;
use crate::transport::Sink;

/// Names of the headers a dead letter has besides those the record came with.
pub mod header {
    /// The topic it was consumed from.
    pub const TOPIC: &str = "dl_topic";
    /// The partition.
    pub const PARTITION: &str = "dl_partition";
    /// The offset. Topic, partition and offset together are the letter's identity: a crash
    /// between sending the letter and committing sends it again.
    pub const OFFSET: &str = "dl_offset";
    /// The record's own timestamp, milliseconds since the Unix epoch.
    pub const TIMESTAMP: &str = "dl_timestamp";
    /// The consumer group that could not handle it.
    pub const GROUP: &str = "dl_group";
    /// `rejected`, `undecodable` or `retries-exhausted`.
    pub const CLASS: &str = "dl_class";
    /// Why, in words.
    pub const REASON: &str = "dl_reason";
    /// How often it was tried.
    pub const TRIES: &str = "dl_tries";
    /// The program and version that gave up on it.
    pub const BUILD: &str = "dl_build";
    /// When, microseconds since the Unix epoch.
    pub const FAILED_AT: &str = "dl_failed_at";
}

/// The prefix of every dead-letter topic.
pub const TOPIC_PREFIX: &str = "dead-letter.";
/// A reason longer than this is cut: headers are no place for essays.
const MAX_REASON: usize = 1_000;
const AGAIN: Duration = Duration::from_secs(1);

/// The way to one group's dead-letter topic.
#[derive(Clone)]
pub(crate) struct DeadLetters {
    pub(crate) group: Arc<str>,
    pub(crate) sink: Arc<dyn Sink>,
    pub(crate) status: Arc<GroupStatus>,
    pub(crate) clock: Clock,
    pub(crate) build: Arc<str>,
    pub(crate) traces: Traces,
}

impl DeadLetters {
    /// Sends the record there, as often as it takes: its offset does not move before.
    pub(crate) fn send(&self, work: Work, rejection: Rejection) -> BoxFuture<'static, Work> {
        let this = self.clone();
        let letter = self.letter(&work, &rejection);
        let span = self.traces.dead_letter(&letter.topic, &work, &rejection);
        async move {
            let mut told = false;
            while let Err(error) = this.sink.send(vec![letter.clone()]).await {
                this.status.unsent(Some(&error.to_string()));
                if !std::mem::replace(&mut told, true) {
                    tracing::error!(%error, record.topic = letter.topic, "the dead letter could not be sent and will be tried again (is the topic there? `topics apply` makes it)");
                }
                tokio::time::sleep(AGAIN).await;
            }
            this.status.unsent(None);
            work
        }
        .instrument(span)
        .boxed()
    }

    fn letter(&self, work: &Work, rejection: &Rejection) -> Outgoing {
        let record = &work.record;
        let mut headers = record.headers();
        headers.retain(|(name, _)| !name.starts_with("dl_"));
        let reason: String = rejection.reason.chars().take(MAX_REASON).collect();
        let own: [(&str, String); 10] = [
            (header::TOPIC, record.topic().to_owned()),
            (header::PARTITION, record.partition().to_string()),
            (header::OFFSET, record.offset().to_string()),
            (header::TIMESTAMP, record.timestamp_millis().to_string()),
            (header::GROUP, self.group.to_string()),
            (header::CLASS, rejection.class.to_owned()),
            (header::REASON, reason),
            (header::TRIES, work.tries.max(1).to_string()),
            (header::BUILD, self.build.to_string()),
            (header::FAILED_AT, self.clock.now_micros().to_string()),
        ];
        headers
            .extend(own.map(|(name, value)| -> Header { (name.to_owned(), value.into_bytes()) }));
        Outgoing {
            topic: format!("{TOPIC_PREFIX}{}", self.group),
            key: record.key().map(<[u8]>::to_vec),
            payload: record.payload().map(<[u8]>::to_vec),
            headers,
        }
    }
}
