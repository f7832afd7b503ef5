//! The relay: sends what the outbox holds, in order, until the broker has acknowledged it.
//!
//! # Several instances
//!
//! On PostgreSQL the instances of a service share one outbox, and one of them at a time has the
//! relay's turn: an advisory lock of the transaction in which it reads the oldest records, sends
//! them, waits for the acknowledgements and removes them. Whoever has committed something takes the
//! turn and sends all there is, also what others have left.
//!
//! *Order.* Ids are given when records are written and seen when they are committed, so a later look
//! may find a lower id: what is removed is exactly what was sent. Of one key no such thing happens:
//! transactions that emit for the same key change a common row (the README asks that of services),
//! so the second one writes into the outbox after the first has committed.
//!
//! *An instance dies.* Its connection ends, and with it the turn. Nothing was removed, so the next
//! one sends the same again, with the same event ids.
//!
//! *An instance stands still* while it has the turn. PostgreSQL hears nothing of it, ends its
//! session (see `postgres.rs`) and gives the turn to the next one. When it goes on it cannot remove
//! anything, for its transaction is gone; but its producer may still hold records, and sends them.
//! Of each key these are the oldest that were not removed, in order, so the next one has sent the
//! same before it sent any later one: a topic then holds e1 e2 e3 and again e1 e2. No first copy is
//! out of order, and no first copy is missing; the inbox of a consumer passes over the second ones.
//! Who reads a topic for the state of a key instead, as compacted topics are read, must look at the
//! version that the record carries: an older one that comes later is old news. What compaction
//! leaves of that key is old news too, until the key's next record.
//!
//! *The broker is away.* The instance that has the turn says something to PostgreSQL now and then
//! while it waits, and so keeps the turn: no other one queues the same records meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use prometheus_client::registry::Registry;
use sqlx::AnyConnection;
use tokio_util::sync::CancellationToken;

use super::outbox::{self, Outgoing};
use super::{Dialect, Store, postgres};
use crate::meta::{Cause, header};
use crate::metrics::{Relayed, Sent};
use crate::transport::{SendError, Sink};

/// Records sent and acknowledged together.
const BATCH: i64 = 1_000;
/// How long marks stay in the inbox: longer than a topic keeps its records by default (7 days).
const INBOX_DAYS: i64 = 10;
const FORGET_EVERY: Duration = Duration::from_secs(3_600);
const RETRY: Duration = Duration::from_millis(500);
/// How often an instance looks for what another has left when it died.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often PostgreSQL hears of the one that has the turn.
const STILL_HERE: Duration = Duration::from_secs(2);

type Error = Box<dyn std::error::Error + Send + Sync>;

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
        let shared = self.store.database().dialect() == Dialect::Postgres;
        let mut forget = tokio::time::interval(FORGET_EVERY);
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
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
                _ = look.tick(), if shared => {}
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

    async fn drain(&self) -> Result<(), Error> {
        while outbox::any(self.store.reader()).await? {
            match self.store.database().dialect() {
                Dialect::Sqlite => self.send_alone().await?,
                Dialect::Postgres => self.send_in_turn().await?,
            }
        }
        Ok(())
    }

    /// A file has one relay: it reads and sends outside a transaction, which would keep others
    /// from writing.
    async fn send_alone(&self) -> Result<(), Error> {
        let rows = outbox::oldest(self.store.reader(), BATCH).await?;
        let kinds = kinds(&rows);
        let (ids, records): (Vec<i64>, Vec<Outgoing>) = rows.into_iter().unzip();
        let sent = self.sink.send(records).await;
        self.was_taken(sent, kinds)?;
        let ids = &ids;
        let delete: Result<(), sqlx::Error> =
            self.store.write(Cause::default(), |tx| outbox::delete(tx.conn(), ids).boxed()).await;
        Ok(delete?)
    }

    async fn send_in_turn(&self) -> Result<(), Error> {
        let database = self.store.database();
        // Each statement sees what is committed by then: the second all that was sent before.
        let mut tx = database.reader().begin().await?;
        postgres::take_turn(&mut tx, postgres::RELAYING, database.schema()).await?;
        let rows = outbox::oldest(&mut *tx, BATCH).await?;
        let kinds = kinds(&rows);
        let (ids, records): (Vec<i64>, Vec<Outgoing>) = rows.into_iter().unzip();
        if ids.is_empty() {
            return Ok(tx.rollback().await?);
        }
        let (sent, here) = self.send_while_here(records, &mut tx).await;
        self.was_taken(sent, kinds)?;
        here?;
        outbox::delete(&mut tx, &ids).await?;
        Ok(tx.commit().await?)
    }

    /// Sends, and keeps the turn meanwhile; says what became of both. A turn that is lost ends the
    /// sending no sooner: what the producer holds would come behind what is sent next.
    async fn send_while_here(
        &self,
        records: Vec<Outgoing>,
        conn: &mut AnyConnection,
    ) -> (Result<(), SendError>, Result<(), sqlx::Error>) {
        let mut here = Ok(());
        let mut say = tokio::time::interval(STILL_HERE);
        let mut send = self.sink.send(records);
        loop {
            tokio::select! {
                sent = &mut send => return (sent, here),
                _ = say.tick(), if here.is_ok() => {
                    here = sqlx::query("SELECT 1").execute(&mut *conn).await.map(|_| ());
                }
            }
        }
    }

    /// Keeps in mind why the broker took nothing, or counts what it took.
    fn was_taken(
        &self,
        sent: Result<(), SendError>,
        kinds: HashMap<Sent, u64>,
    ) -> Result<(), SendError> {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = sent.clone().err();
        sent?;
        for (kind, count) in kinds {
            self.relayed.sent.get_or_create(&kind).inc_by(count);
        }
        Ok(())
    }

    async fn forget(&self) {
        let before = self.store.now_micros() - INBOX_DAYS * 86_400_000_000;
        let forgotten: Result<u64, sqlx::Error> = self
            .store
            .write(Cause::default(), |tx| super::inbox::forget(tx.conn(), before).boxed())
            .await;
        match forgotten {
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
