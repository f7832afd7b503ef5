//! The relay: sends what the outbox holds, in order, until the broker has acknowledged it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::outbox::{self, Outgoing};
use super::tx::Store;
use crate::meta::header;
use crate::metrics::{Relayed, Sent};
use crate::transport::{SendError, Sink};

/// Records sent and acknowledged together.
const BATCH: i64 = 1_000;
/// How long marks stay in the inbox: longer than a topic keeps its records by default (7 days).
const INBOX_DAYS: i64 = 10;
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
const RETRY: Duration = Duration::from_millis(500);

/// Moves records from the outbox to their topics. One runs per process.
pub struct Relay {
    store: Store,
    sink: Arc<dyn Sink>,
    relayed: Relayed,
    /// Why the broker did not take what was sent last.
    refused: Mutex<Option<SendError>>,
}

impl Relay {
    /// From this store's outbox to this transport.
    pub fn new(store: Store, sink: Arc<dyn Sink>) -> Self {
        Relay { store, sink, relayed: Relayed::default(), refused: Mutex::default() }
    }

    /// Adds its counters.
    pub fn register(&self, registry: &mut Registry) {
        self.relayed.register(registry);
    }

    /// Runs until told to stop, and then until the outbox is empty or the process gives up
    /// waiting. Every failure leaves a record's fate unknown, so it is sent again, with the same
    /// event id.
    pub async fn run(&self, stop: CancellationToken) {
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let mut failing = false;
        loop {
            match self.drain().await {
                Ok(()) if stop.is_cancelled() => return,
                Ok(()) => {
                    if std::mem::take(&mut failing) {
                        tracing::info!("the outbox is sent again");
                    }
                }
                Err(error) => {
                    self.relayed.failures.inc();
                    if !std::mem::replace(&mut failing, true) {
                        tracing::warn!(%error, "the outbox could not be sent; it is tried again until it is");
                    }
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            }
            tokio::select! {
                () = self.store.committed() => {}
                () = stop.cancelled() => {}
                _ = forget.tick() => self.forget().await,
            }
        }
    }

    /// Why the broker did not take what was sent last, if it did not.
    pub fn trouble(&self) -> Option<String> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.as_ref().map(|error| format!("outbox: {error}"))
    }

    /// How many records wait to be sent.
    pub async fn waiting(&self) -> Result<i64, sqlx::Error> {
        outbox::waiting(self.store.reader()).await
    }

    /// How long the oldest of them has waited, in seconds; 0 where none waits.
    pub async fn oldest_seconds(&self) -> Result<f64, sqlx::Error> {
        let decided = outbox::oldest_decided(self.store.reader()).await?;
        let waited = decided.map_or(0, |at| (self.store.now_micros() - at).max(0));
        Ok(waited as f64 / 1e6)
    }

    async fn drain(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        loop {
            let rows = outbox::oldest(self.store.reader(), BATCH).await?;
            let Some(last) = rows.last().map(|(id, _)| *id) else { return Ok(()) };
            let kinds = kinds(&rows);
            let sent = self.sink.send(rows.into_iter().map(|(_, record)| record).collect()).await;
            *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = sent.clone().err();
            sent?;
            for (kind, count) in kinds {
                self.relayed.sent.get_or_create(&kind).inc_by(count);
            }
            let (mut tx, _turn) = self.store.database().begin_write().await?;
            outbox::delete_through(&mut tx, last).await?;
            tx.commit().await?;
        }
    }

    async fn forget(&self) {
        let before = self.store.now_micros() - INBOX_DAYS * 86_400_000_000;
        let forgotten = async {
            let (mut tx, _turn) = self.store.database().begin_write().await?;
            let n = super::inbox::forget(&mut tx, before).await?;
            tx.commit().await.map(|()| n)
        };
        match forgotten.await {
            Ok(0) => {}
            Ok(n) => {
                tracing::info!(inbox.marks = n, "forgot inbox marks older than {INBOX_DAYS} days")
            }
            Err(error) => tracing::warn!(%error, "old inbox marks could not be removed"),
        }
    }
}

/// How many of each topic and type.
fn kinds(rows: &[(i64, Outgoing)]) -> HashMap<Sent, u64> {
    let mut kinds = HashMap::new();
    for (_, record) in rows {
        let kind = record.headers.iter().find(|(name, _)| name == header::TYPE);
        let kind = kind.map_or_else(Default::default, |(_, kind)| String::from_utf8_lossy(kind));
        let sent = Sent { topic: record.topic.clone(), r#type: kind.into_owned() };
        *kinds.entry(sent).or_default() += 1;
    }
    kinds
}
