//! A transaction that can also emit events: both happen, or neither.

use std::sync::Arc;

use sqlx::AnyConnection;
use tokio::sync::{Notify, OwnedSemaphorePermit};
use uuid::Uuid;

use super::outbox::{self, Outgoing};
use super::{Database, Migration};
use crate::clock::{Clock, Random};
use crate::codec::{EncodeError, Schemas};
use crate::event::Event;
use crate::meta::{Cause, header};

/// The largest payload that is emitted: what a broker takes by default, less room for headers.
const MAX_PAYLOAD: usize = 1_000_000;

/// Makes records of events: their ids, their time, their bytes and their headers.
#[derive(Clone)]
pub struct Emitter {
    /// The ids and schemas of what is published.
    pub schemas: Schemas,
    /// The present.
    pub clock: Clock,
    /// Event ids.
    pub random: Random,
    /// `ce_source`: which service decided the event.
    pub source: Arc<str>,
}

impl Emitter {
    /// On the machine's clock and randomness.
    pub fn new(source: &str, schemas: Schemas) -> Self {
        Emitter {
            schemas,
            clock: Clock::system(),
            random: Random::from_os(),
            source: source.into(),
        }
    }

    /// The record of an event decided now, and the event's id.
    pub fn record<E: Event>(
        &self,
        event: &E,
        cause: &Cause,
    ) -> Result<(Uuid, Outgoing), EncodeError> {
        let now = self.clock.now_micros();
        let id = self.random.uuid_v7(now);
        let payload = self.schemas.encode(event)?;
        if payload.len() > MAX_PAYLOAD {
            return Err(EncodeError::TooLarge(E::TYPE, payload.len(), MAX_PAYLOAD));
        }
        let mut headers = vec![
            (header::SPEC_VERSION.to_owned(), "1.0".to_owned()),
            (header::ID.to_owned(), id.to_string()),
            (header::TYPE.to_owned(), E::TYPE.to_owned()),
            (header::SOURCE.to_owned(), self.source.to_string()),
            (header::TIME.to_owned(), rfc3339(now)),
            (
                header::CORRELATION.to_owned(),
                cause.correlation.clone().unwrap_or_else(|| id.to_string()),
            ),
        ];
        if let Some(causation) = &cause.causation {
            headers.push((header::CAUSATION.to_owned(), causation.clone()));
        }
        if let Some(trace) = &cause.trace {
            headers.push((header::TRACEPARENT.to_owned(), trace.traceparent().to_owned()));
            if let Some(state) = trace.tracestate() {
                headers.push((header::TRACESTATE.to_owned(), state.to_owned()));
            }
        }
        let headers = headers.into_iter().map(|(k, v)| (k, v.into_bytes())).collect();
        let key = Some(event.key().into_bytes());
        Ok((id, Outgoing { topic: E::TOPIC.to_owned(), key, payload: Some(payload), headers }))
    }
}

/// RFC 3339 with microseconds, in UTC.
pub(crate) fn rfc3339(micros: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .ok()
        .and_then(|t| t.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_default()
}

/// A service's database together with what it emits.
#[derive(Clone)]
pub struct Store {
    db: Database,
    emitter: Emitter,
    committed: Arc<Notify>,
}

impl Store {
    /// Joins a database and an emitter.
    pub fn new(db: Database, emitter: Emitter) -> Self {
        Store { db, emitter, committed: Arc::new(Notify::new()) }
    }

    /// Applies the engine's and the service's migrations.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), super::DatabaseError> {
        self.db.migrate(migrations).await
    }

    /// Begins a transaction; what it emits will name `cause`.
    pub async fn begin(&self, cause: Cause) -> Result<Tx, sqlx::Error> {
        let (tx, turn) = self.db.begin_write().await?;
        Ok(Tx { tx, _turn: turn, store: self.clone(), cause, emitted: Vec::new(), any: false })
    }

    /// For reading outside a transaction.
    pub fn reader(&self) -> &sqlx::AnyPool {
        self.db.reader()
    }

    /// The database itself.
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// The emitter, for its clock and ids.
    pub fn emitter(&self) -> &Emitter {
        &self.emitter
    }

    /// The present.
    pub fn now_micros(&self) -> i64 {
        self.emitter.clock.now_micros()
    }

    /// Resolves after a commit that put something into the outbox.
    pub(crate) async fn committed(&self) {
        self.committed.notified().await;
    }
}

/// A database transaction with an outbox.
pub struct Tx {
    tx: sqlx::Transaction<'static, sqlx::Any>,
    _turn: Option<OwnedSemaphorePermit>,
    store: Store,
    cause: Cause,
    emitted: Vec<Outgoing>,
    any: bool,
}

impl Tx {
    /// Where statements are executed: `query(…).execute(tx.conn())`.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Emits an event: it leaves for its topic once this transaction has committed, and never
    /// otherwise. Returns the event's id.
    pub fn emit<E: Event>(&mut self, event: &E) -> Result<Uuid, EncodeError> {
        let (id, record) = self.store.emitter.record(event, &self.cause)?;
        self.emitted.push(record);
        Ok(id)
    }

    /// The present, microseconds since the Unix epoch.
    pub fn now_micros(&self) -> i64 {
        self.store.now_micros()
    }

    /// A new id, in order of time.
    pub fn new_id(&self) -> Uuid {
        self.store.emitter.random.uuid_v7(self.now_micros())
    }

    /// Commits effects and emitted events together, and wakes the relay.
    pub async fn commit(mut self) -> Result<(), sqlx::Error> {
        self.flush().await?;
        let wake = self.any.then(|| self.store.committed.clone());
        self.tx.commit().await?;
        if let Some(committed) = wake {
            committed.notify_one();
        }
        Ok(())
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<(), sqlx::Error> {
        self.tx.rollback().await
    }

    pub(crate) fn set_cause(&mut self, cause: Cause) {
        self.cause = cause;
    }

    /// A handler's effects are undone alone when it fails; the batch goes on.
    pub(crate) async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("SAVEPOINT record").execute(self.conn()).await.map(|_| ())
    }

    pub(crate) async fn release(&mut self) -> Result<(), sqlx::Error> {
        self.flush().await?;
        sqlx::query("RELEASE SAVEPOINT record").execute(self.conn()).await.map(|_| ())
    }

    pub(crate) async fn undo(&mut self) -> Result<(), sqlx::Error> {
        self.emitted.clear();
        sqlx::query("ROLLBACK TO SAVEPOINT record").execute(self.conn()).await?;
        sqlx::query("RELEASE SAVEPOINT record").execute(self.conn()).await.map(|_| ())
    }

    /// Puts records into the outbox that were made outside this transaction.
    pub(crate) fn emit_records(&mut self, records: Vec<Outgoing>) {
        self.emitted.extend(records);
    }

    async fn flush(&mut self) -> Result<(), sqlx::Error> {
        for record in std::mem::take(&mut self.emitted) {
            outbox::insert(&mut self.tx, &record).await?;
            self.any = true;
        }
        Ok(())
    }
}
