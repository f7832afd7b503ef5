//! The loop under every group: takes records, lets them be handled in the order of their keys,
//! and commits what is finished.

mod backoff;
mod batched;
mod breaker;
mod concurrent;
mod ending;
mod lanes;
pub(crate) mod partitions;
mod run;
mod settle;
mod tracker;

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

pub use backoff::Backoff;
pub(crate) use batched::{BatchHandler, Batched, HeldKeys};
pub use breaker::Breaker;
pub(crate) use concurrent::Concurrent;
pub use concurrent::RawHandler;
pub(crate) use concurrent::handle_raw;
use lanes::LaneId;
use partitions::Origin;
pub use run::GroupError;
pub(crate) use run::{Ended, Engine};

use crate::transport::Record;

/// Bounds and times of a group.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Handlers running at once (effect and plain groups). Default 100.
    pub concurrency: usize,
    /// Records in one transaction (transactional groups). Default 500.
    pub batch: usize,
    /// Records taken and not yet finished. Default 5,000.
    pub max_records: usize,
    /// Their keys and payloads, in bytes. Default 64 MiB.
    pub max_bytes: usize,
    /// Records of one partition taken above its first unfinished one. Default 100,000.
    pub max_span: usize,
    /// Time between commits. Default 1 s.
    pub commit_every: Duration,
    /// How long what runs may take to finish when the process stops, or when a partition is
    /// given up. Default 20 s.
    pub drain: Duration,
    /// Retries of one record.
    pub retry: Backoff,
    /// When too many records fail, the group stops. None: it dead-letters whatever fails.
    pub breaker: Option<Breaker>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            concurrency: 100,
            batch: 500,
            max_records: 5_000,
            max_bytes: 64 << 20,
            max_span: 100_000,
            commit_every: Duration::from_secs(1),
            drain: Duration::from_secs(20),
            retry: Backoff::default(),
            breaker: Some(Breaker::default()),
        }
    }
}

/// A record with its place in the order of things.
pub(crate) struct Work {
    pub(crate) record: Record,
    pub(crate) origin: Origin,
    pub(crate) lane: Option<LaneId>,
    pub(crate) sequence: u64,
    pub(crate) tries: u32,
    pub(crate) started: Instant,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Handled, or there was nothing to do.
    Done,
    /// Handled before: the inbox knows it.
    Duplicate,
    /// Again later, and not before so long.
    Retry(Cow<'static, str>, Duration),
    /// Never again.
    Reject(Rejection),
    /// Nothing can be handled now.
    Unavailable(Cow<'static, str>),
    /// Not tried: one of the same key before it in the batch failed.
    Deferred,
}

/// Why a record goes to the dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// `rejected`, `undecodable` or `retries-exhausted`.
    pub(crate) class: &'static str,
    pub(crate) reason: Cow<'static, str>,
}

impl From<crate::Failure> for Outcome {
    fn from(failure: crate::Failure) -> Self {
        match failure {
            crate::Failure::Retry(why) | crate::Failure::InDoubt(why) => {
                Outcome::Retry(why, Duration::ZERO)
            }
            crate::Failure::RetryAfter(why, wait) => Outcome::Retry(why, wait),
            crate::Failure::Reject(reason) => {
                Outcome::Reject(Rejection { class: "rejected", reason })
            }
            crate::Failure::Unavailable(why) => Outcome::Unavailable(why),
        }
    }
}

impl From<sqlx::Error> for Outcome {
    fn from(error: sqlx::Error) -> Self {
        crate::Failure::from(error).into()
    }
}

pub(crate) struct Finished {
    pub(crate) work: Work,
    pub(crate) outcome: Outcome,
}

/// How work is carried out: one by one and concurrently, or many in one transaction.
pub(crate) trait Executor {
    /// Whether records of one key may be handed over before the earlier one has ended.
    const TOGETHER: bool;
    /// Whether more work may be started now.
    fn has_room(&self) -> bool;
    /// Starts a piece of work; it may end at once.
    fn start(&mut self, work: Work, cx: &mut std::task::Context<'_>) -> Option<Finished>;
    /// All that could be started has been: begin with it.
    fn begin(&mut self);
    /// Appends something that has ended, if anything has.
    fn poll(&mut self, cx: &mut std::task::Context<'_>, ended: &mut Vec<Finished>);
    /// Pieces of work under way.
    fn running(&self) -> usize;
}
