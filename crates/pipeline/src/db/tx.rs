//! A transaction that can also emit events: both happen, or neither.

use std::sync::Arc;

use sqlx::AnyConnection;
use uuid::Uuid;

use super::outbox::{self, Outgoing};
use super::together::is_open;
use super::{Company, Dialect, Store, Writing};
use crate::clock::{Clock, Random};
use crate::codec::{EncodeError, Schemas};
use crate::event::Event;
use crate::meta::{Cause, Header, header};

/// The largest payload that is emitted: what a broker takes by default, less room for headers.
const MAX_PAYLOAD: usize = 1_000_000;
/// PostgreSQL's `in_failed_sql_transaction`.
const BROKEN: &str = "25P02";
const UNDONE: &str =
    "SQLite has undone the transaction with a statement whose error was passed over";

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
        let payload = self.schemas.encode(event)?;
        if payload.len() > MAX_PAYLOAD {
            return Err(EncodeError::TooLarge(E::TYPE, payload.len(), MAX_PAYLOAD));
        }
        let (id, headers) = self.headers(E::TYPE, cause);
        let key = Some(event.key().into_bytes());
        Ok((id, Outgoing { topic: E::TOPIC.to_owned(), key, payload: Some(payload), headers }))
    }

    /// A tombstone decided now: it erases the key from the topic of `E`. Its `ce_type` is
    /// `Tombstone` in the namespace of `E`, which is no record.
    fn tombstone<E: Event>(&self, key: &str, cause: &Cause) -> (Uuid, Outgoing) {
        let namespace = E::TYPE.rsplit_once('.').map_or("", |(namespace, _)| namespace);
        let (id, headers) = self.headers(&format!("{namespace}.Tombstone"), cause);
        let key = Some(key.as_bytes().to_vec());
        (id, Outgoing { topic: E::TOPIC.to_owned(), key, payload: None, headers })
    }

    fn headers(&self, kind: &str, cause: &Cause) -> (Uuid, Vec<Header>) {
        let now = self.clock.now_micros();
        let id = self.random.uuid_v7(now);
        let mut headers = vec![
            (header::SPEC_VERSION.to_owned(), "1.0".to_owned()),
            (header::ID.to_owned(), id.to_string()),
            (header::TYPE.to_owned(), kind.to_owned()),
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
        (id, headers.into_iter().map(|(k, v)| (k, v.into_bytes())).collect())
    }
}

/// RFC 3339 with microseconds, in UTC.
pub(crate) fn rfc3339(micros: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .ok()
        .and_then(|t| t.format(&time::format_description::well_known::Rfc3339).ok())
        .unwrap_or_default()
}

/// A database transaction with an outbox.
pub struct Tx {
    tx: Writing,
    store: Store,
    cause: Cause,
    emitted: Vec<Outgoing>,
    any: bool,
}

impl Tx {
    pub(super) async fn begin(
        store: &Store,
        cause: Cause,
        company: Company,
    ) -> Result<Self, sqlx::Error> {
        let tx = store.database().begin_write(company).await?;
        Ok(Tx { tx, store: store.clone(), cause, emitted: Vec::new(), any: false })
    }

    /// Where statements are executed: `query(…).execute(tx.conn())`.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.tx
    }

    /// Emits an event: it leaves for its topic once this transaction has committed, and never
    /// otherwise. Returns the event's id.
    pub fn emit<E: Event>(&mut self, event: &E) -> Result<Uuid, EncodeError> {
        let (id, record) = self.store.emitter().record(event, &self.cause)?;
        self.emitted.push(record);
        Ok(id)
    }

    /// Erases a key from the compacted topic of `E`: a tombstone leaves once this transaction has
    /// committed, behind whatever was emitted for that key before. Returns the tombstone's id.
    pub fn erase<E: Event>(&mut self, key: &str) -> Uuid {
        let (id, record) = self.store.emitter().tombstone::<E>(key, &self.cause);
        self.emitted.push(record);
        id
    }

    /// The present, microseconds since the Unix epoch.
    pub fn now_micros(&self) -> i64 {
        self.store.now_micros()
    }

    /// A new id, in order of time.
    pub fn new_id(&self) -> Uuid {
        self.store.emitter().random.uuid_v7(self.now_micros())
    }

    /// Commits effects and emitted events together, and wakes the relay.
    pub(crate) async fn commit(mut self) -> Result<(), sqlx::Error> {
        match self.store.database().dialect() {
            // It answers a commit after an error as if all were well, and undoes.
            Dialect::Postgres if self.emitted.is_empty() => self.probe().await?,
            // It would keep the events alone.
            Dialect::Sqlite if !self.emitted.is_empty() && !is_open(&mut self.tx).await => {
                return Err(sqlx::Error::Protocol(UNDONE.to_owned()));
            }
            _ => {}
        }
        self.flush().await?;
        let relay = self.any.then(|| self.store.relay());
        self.tx.commit(relay).await
    }

    /// Undoes everything.
    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        self.tx.rollback().await
    }

    /// Whether a statement of this transaction has failed, so that PostgreSQL refuses all others
    /// until the savepoint, whoever passed over the error. On SQLite one failed statement is all
    /// that failed.
    pub(crate) async fn is_broken(&mut self) -> Result<bool, sqlx::Error> {
        match self.probe().await {
            Ok(()) => Ok(false),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(BROKEN) => {
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    async fn probe(&mut self) -> Result<(), sqlx::Error> {
        match self.store.database().dialect() {
            Dialect::Sqlite => Ok(()),
            Dialect::Postgres => sqlx::query("SELECT 1").execute(self.conn()).await.map(|_| ()),
        }
    }

    pub(crate) fn set_cause(&mut self, cause: Cause) {
        self.cause = cause;
    }

    /// A handler's effects are undone alone when it fails; the batch goes on.
    pub(crate) async fn savepoint(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("SAVEPOINT record").execute(self.conn()).await.map(|_| ())
    }

    pub(crate) async fn release(&mut self) -> Result<(), sqlx::Error> {
        match self.store.database().dialect() {
            // Refused where the transaction is not there any more, when events would be kept alone.
            Dialect::Sqlite => {
                self.end_savepoint().await?;
                self.flush().await
            }
            Dialect::Postgres => {
                self.flush().await?;
                self.end_savepoint().await
            }
        }
    }

    async fn end_savepoint(&mut self) -> Result<(), sqlx::Error> {
        sqlx::query("RELEASE SAVEPOINT record").execute(self.conn()).await.map(|_| ())
    }

    pub(crate) async fn undo(&mut self) -> Result<(), sqlx::Error> {
        self.emitted.clear();
        sqlx::query("ROLLBACK TO SAVEPOINT record").execute(self.conn()).await?;
        self.end_savepoint().await
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
