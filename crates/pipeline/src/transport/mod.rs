//! Where records come from and go to: `kafka`, and `memory` for tests and simulation.

pub mod kafka;
pub mod memory;
mod record;

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::db::Outgoing;
pub use record::Record;

/// A partition of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
}

impl std::fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

/// What happens to a consumer besides records.
#[derive(Debug, Clone)]
pub enum SourceEvent {
    /// These partitions are ours from now on.
    Assigned(Vec<TopicPartition>),
    /// These are to be given up: finish, commit, then call [`Source::release`].
    Revoking(Vec<TopicPartition>),
    /// These are gone already: nothing may be committed for them.
    Lost(Vec<TopicPartition>),
    /// A commit was answered, per partition.
    Committed(Vec<(TopicPartition, i64, Result<(), String>)>),
    /// The broker's state changed or something failed that the client goes on from.
    Trouble(String),
    /// The broker denies a right that the consumer needs: nothing is to be expected of it until
    /// somebody has granted that and the group is joined again.
    Denied(String),
    /// The consumer cannot go on.
    Fatal(String),
}

/// How the broker was when last heard of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Connection {
    /// It answers.
    Up,
    /// It cannot be reached.
    #[default]
    Away,
    /// It, or its certificate, is not to be talked to with these settings; in words that name the
    /// setting.
    Refused(String),
}

/// How far behind a partition is, as the transport knows it.
#[derive(Debug, Clone)]
pub struct Watermark {
    /// The partition.
    pub partition: TopicPartition,
    /// The offset the next record will get.
    pub end: i64,
}

/// How far a consumer group has come on a partition, as the broker knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The partition.
    pub partition: TopicPartition,
    /// The next offset to be handled; none where the group has never committed one.
    pub committed: Option<i64>,
    /// The first offset that is there.
    pub begin: i64,
    /// The offset the next record will get.
    pub end: i64,
}

impl Progress {
    /// The next offset to be handled.
    pub fn next(&self) -> i64 {
        self.committed.map_or(self.begin, |committed| committed.max(self.begin))
    }
}

/// A member of a consumer group.
pub trait Source: Send {
    /// Resolves when there may be records or events. Cancel-safe.
    fn ready(&mut self) -> impl Future<Output = ()> + Send;
    /// Appends what happened since the last call. Must be called often, records or not.
    fn events(&mut self, into: &mut Vec<SourceEvent>);
    /// Appends up to `most` records and says how many; never waits.
    fn drain(&mut self, most: usize, into: &mut Vec<Record>) -> usize;
    /// Starts a commit of next offsets; the answer comes as [`SourceEvent::Committed`].
    fn commit(&mut self, offsets: &[(TopicPartition, i64)]);
    /// Gives up partitions that were being revoked.
    fn release(&mut self, partitions: &[TopicPartition]);
    /// The ends of the partitions assigned, as far as known without asking anyone.
    fn watermarks(&mut self) -> Vec<Watermark>;
    /// How the broker was when last heard of.
    fn connection(&self) -> Connection;
    /// Leaves the group, within the deadline.
    fn close(self, deadline: Duration) -> impl Future<Output = ()> + Send;
}

/// Why records could not be sent. Each may have arrived or not.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{topic}: {reason}")]
pub struct SendError {
    /// The topic of the first record that failed.
    pub topic: String,
    /// Why.
    pub reason: String,
}

/// Where records are sent to.
pub trait Sink: Send + Sync + 'static {
    /// Sends all, in order per key; resolves when all are acknowledged by every in-sync replica,
    /// or with the first failure.
    fn send(&self, records: Vec<Outgoing>) -> BoxFuture<'_, Result<(), SendError>>;
}

/// A way to records: makes group members and sinks.
pub trait Transport: Send + Sync + 'static {
    /// The member it makes.
    type Source: Source;
    /// Joins a consumer group.
    fn join(&self, group: &str, topics: &[&str]) -> Result<Self::Source, TransportError>;
    /// How far a group has come on all partitions of these topics, whoever its members are.
    fn progress<'a>(
        &'a self,
        group: &'a str,
        topics: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Progress>, TransportError>>;
    /// A way out.
    fn sink(&self) -> Result<std::sync::Arc<dyn Sink>, TransportError>;
}

/// Settings or circumstances under which a transport cannot work.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TransportError(pub String);
