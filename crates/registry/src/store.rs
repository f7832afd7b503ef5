//! The state, kept up to date by the log, and the way to change it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, timeout_at};

use crate::broker::Broker;
use crate::decide::Decision;
use crate::error::ApiError;
use crate::log::{FORMAT, Key, Proposal, Record, Sink, WriteError, Writer};
use crate::state::{Outcome, State};

/// How long a miss waits for the log before it is called a miss. Not by the short end: whoever is told that there
/// is no such schema puts its records aside.
const MISS_PATIENCE: Duration = Duration::from_secs(3);

/// What the reader's thread and the requests share.
#[derive(Default)]
pub(crate) struct Shared {
    state: RwLock<State>,
    /// Proposals of this instance that have not been seen in the log yet, by their nonces.
    waiting: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
}

/// How far the log has been read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    /// The offset after the last record that was taken.
    pub next: i64,
    /// Whether the end was reached once.
    pub loaded: bool,
}

/// The reader's side.
pub(crate) struct Feed {
    shared: Arc<Shared>,
    progress: watch::Sender<Progress>,
}

/// The requests' side.
pub(crate) struct Store {
    shared: Arc<Shared>,
    progress: watch::Receiver<Progress>,
    writer: Writer,
    /// One write of this instance at a time: they would only lose against each other.
    turn: tokio::sync::Mutex<()>,
    write_timeout: Duration,
    broker: Broker,
}

pub(crate) fn channel() -> (Feed, watch::Receiver<Progress>, Arc<Shared>) {
    let shared = Arc::new(Shared::default());
    let (progress, receiver) = watch::channel(Progress::default());
    (Feed { shared: shared.clone(), progress }, receiver, shared)
}

impl Sink for Feed {
    fn take(&mut self, offset: i64, record: Record) {
        if let Record::Proposal(proposal) = record {
            let outcome = {
                let mut state = self.shared.state.write().unwrap_or_else(PoisonError::into_inner);
                state.apply(&proposal)
            };
            tracing::debug!(log.offset = offset, outcome = ?outcome, "read a proposal");
            let waiter = self.shared.waiting().remove(&proposal.key.nonce);
            if let Some(waiter) = waiter {
                // A waiter that gave up does not need to know.
                let _ = waiter.send(outcome);
            }
        }
        self.progress.send_modify(|progress| progress.next = offset + 1);
    }

    fn caught_up(&mut self) {
        self.progress.send_if_modified(|progress| !std::mem::replace(&mut progress.loaded, true));
    }
}

impl Store {
    pub(crate) fn new(
        shared: Arc<Shared>,
        progress: watch::Receiver<Progress>,
        writer: Writer,
        broker: Broker,
        write_timeout: Duration,
    ) -> Self {
        let turn = tokio::sync::Mutex::new(());
        Self { shared, progress, writer, turn, write_timeout, broker }
    }

    pub(crate) fn is_loaded(&self) -> bool {
        self.progress.borrow().loaded
    }

    /// Schemas known, and the offset up to which the log has been read.
    pub(crate) fn progress(&self) -> (usize, i64) {
        let state = self.shared.state.read().unwrap_or_else(PoisonError::into_inner);
        (state.schemas(), self.progress.borrow().next)
    }

    /// Whether a write has a chance, and what stands in its way if not.
    pub(crate) fn check_ready(&self) -> Result<(), &'static str> {
        if !self.is_loaded() {
            return Err("still reading the log");
        }
        if !self.broker.is_up() {
            return Err("the broker is away");
        }
        Ok(())
    }

    /// Answers from memory. What seems to be missing may be on its way from another instance, so
    /// a miss is only called one when the log has been read to its end.
    pub(crate) async fn read<T, F>(&self, answer: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&State) -> Result<T, ApiError> + Send + Sync + 'static,
    {
        let answer = Arc::new(answer);
        let (first, revision) = self.ask(&answer).await;
        if !first.as_ref().is_err_and(ApiError::is_not_found) {
            return first;
        }
        self.catch_up(Instant::now() + MISS_PATIENCE).await;
        if self.revision() == revision { first } else { self.ask(&answer).await.0 }
    }

    /// Decides on the state, proposes what has to change, and decides anew as long as another
    /// proposal was first.
    pub(crate) async fn write<T, F>(&self, decide: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: Fn(&State) -> Result<Decision<T>, ApiError> + Send + Sync + 'static,
    {
        let decide = Arc::new(decide);
        let deadline = Instant::now() + self.write_timeout;
        let _turn = timeout_at(deadline, self.turn.lock()).await.map_err(|_| {
            ApiError::timed_out("other writes took too long: nothing was changed, try again")
        })?;
        loop {
            let (decision, revision) = self.decide(&decide, deadline).await;
            let (change, answer) = match decision? {
                Decision::Done(answer) => return Ok(answer),
                Decision::Propose(change, answer) => (change, answer),
            };
            if !self.broker.is_up() {
                return Err(ApiError::store(
                    "the broker is away, so nothing can be written: try again later",
                ));
            }
            let nonce = self.writer.nonce();
            let key = Key { format: FORMAT, revision: revision + 1, nonce };
            if self.propose(Proposal { key, change }, deadline).await? == Outcome::Applied {
                return Ok(answer);
            }
        }
    }

    /// A refusal counts only on the newest state: the reason may be gone already.
    async fn decide<T, F>(&self, decide: &Arc<F>, deadline: Instant) -> (Result<T, ApiError>, u64)
    where
        T: Send + 'static,
        F: Fn(&State) -> Result<T, ApiError> + Send + Sync + 'static,
    {
        let (first, revision) = self.ask(decide).await;
        if first.is_ok() {
            return (first, revision);
        }
        self.catch_up(deadline.min(Instant::now() + MISS_PATIENCE)).await;
        if self.revision() == revision { (first, revision) } else { self.ask(decide).await }
    }

    /// Comparing schemas can keep a core busy for a while, hence not on the requests' threads.
    async fn ask<T, F>(&self, question: &Arc<F>) -> (Result<T, ApiError>, u64)
    where
        T: Send + 'static,
        F: Fn(&State) -> Result<T, ApiError> + Send + Sync + 'static,
    {
        let (shared, question) = (self.shared.clone(), question.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let state = shared.state.read().unwrap_or_else(PoisonError::into_inner);
            (question(&state), state.revision())
        });
        asked.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request could not be answered");
            (Err(ApiError::store("the registry failed on this request: see its log")), 0)
        })
    }

    fn revision(&self) -> u64 {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner).revision()
    }

    async fn propose(&self, proposal: Proposal, deadline: Instant) -> Result<Outcome, ApiError> {
        let (_waiter, outcome) = Waiter::register(&self.shared, &proposal.key.nonce);
        let result = timeout_at(deadline, async {
            self.writer.append(&proposal).await?;
            outcome.await.map_err(|_| WriteError::Unknown("the log is no longer read".into()))
        })
        .await
        .unwrap_or_else(|_| Err(WriteError::Unknown("no answer in time".into())));
        result.map_err(|error| match error {
            WriteError::NotWritten(cause) => ApiError::store(format!(
                "the broker refused the write ({cause}): nothing was changed"
            )),
            WriteError::Unknown(cause) => ApiError::timed_out(format!(
                "the write may or may not take effect ({cause}): sending it again is safe"
            )),
        })
    }

    /// Waits until everything that is in the log now has been applied, or the deadline passes.
    async fn catch_up(&self, deadline: Instant) {
        let wait = async {
            if let Some(end) = self.broker.end().await {
                let mut progress = self.progress.clone();
                // The feed is gone only when the registry stops.
                let _ = progress.wait_for(|progress| progress.next >= end).await;
            }
        };
        let _ = timeout_at(deadline, wait).await;
    }
}

/// Takes its entry back when the request is given up, for whatever reason.
struct Waiter<'a> {
    shared: &'a Shared,
    nonce: &'a str,
}

impl<'a> Waiter<'a> {
    fn register(shared: &'a Shared, nonce: &'a str) -> (Self, oneshot::Receiver<Outcome>) {
        let (sender, outcome) = oneshot::channel();
        shared.waiting().insert(nonce.to_owned(), sender);
        (Self { shared, nonce }, outcome)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.shared.waiting().remove(self.nonce);
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Outcome>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
