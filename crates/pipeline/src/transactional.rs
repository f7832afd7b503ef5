//! Many records in one transaction, a savepoint each.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::codec::Schemas;
use crate::db::{Company, Store, Tx, mark_done};
use crate::dispatch::{Table, Writer, received};
use crate::engine::{BatchHandler, Finished, HeldKeys, Outcome, Work};
use crate::event::Event;
use crate::handler::{Erase, Received, Transactional};
use crate::meta::Meta;
use crate::status::GroupStatus;
use crate::trace::{self, Handling, Traces};

/// What spans call a record without a payload.
const TOMBSTONE: &str = "tombstone";

/// A handler whose type is forgotten, so that a table can hold it.
pub(crate) trait AnyTransactional: Send + Sync {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        around: Around<'a>,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Outcome>;
}

/// What a handler runs in.
#[derive(Clone, Copy)]
pub(crate) struct Around<'a> {
    pub(crate) group: &'a str,
    pub(crate) traces: &'a Traces,
}

pub(crate) struct Typed<H: Transactional>(pub(crate) H::Context);

impl<H: Transactional> AnyTransactional for Typed<H> {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        around: Around<'a>,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let event = match received::<H::Event>(&work.record, writer) {
                Ok(event) => event,
                Err(outcome) => return outcome,
            };
            let Handling { span, cause } =
                around.traces.handling(around.group, H::Event::TYPE, &event.meta, work.tries);
            tx.set_cause(cause);
            let outcome = self.once(&event, around.group, tx).instrument(span.clone()).await;
            trace::ended(&span, &outcome);
            outcome
        }
        .boxed()
    }
}

impl<H: Transactional> Typed<H> {
    async fn once(&self, event: &Received<H::Event>, group: &str, tx: &mut Tx) -> Outcome {
        let now = tx.now_micros();
        match mark_done(tx.conn(), group, &event.meta.event_id, now).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Duplicate,
            Err(error) => return error.into(),
        }
        match H::handle(event, tx, &self.0).await {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}

pub(crate) struct Erasing<H: Erase>(pub(crate) H::Context);

impl<H: Erase> AnyTransactional for Erasing<H> {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        _: &'a Writer,
        around: Around<'a>,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let gone = work.record.meta();
            let Handling { span, cause } =
                around.traces.handling(around.group, TOMBSTONE, &gone, work.tries);
            tx.set_cause(cause);
            let outcome = self.once(&gone, around.group, tx).instrument(span.clone()).await;
            trace::ended(&span, &outcome);
            outcome
        }
        .boxed()
    }
}

impl<H: Erase> Erasing<H> {
    async fn once(&self, gone: &Meta, group: &str, tx: &mut Tx) -> Outcome {
        let now = tx.now_micros();
        match mark_done(tx.conn(), group, &gone.event_id, now).await {
            Ok(true) => {}
            Ok(false) => return Outcome::Duplicate,
            Err(error) => return error.into(),
        }
        match H::erase(gone, tx, &self.0).await {
            Ok(()) => Outcome::Done,
            Err(failure) => failure.into(),
        }
    }
}

pub(crate) struct Transactions {
    pub(crate) group: String,
    pub(crate) table: Table<dyn AnyTransactional>,
    pub(crate) store: Store,
    pub(crate) schemas: Schemas,
    pub(crate) traces: Traces,
    pub(crate) status: Arc<GroupStatus>,
}

/// Why nothing of a batch has happened.
enum Undone {
    /// The database refused a statement, which may go well when no other transaction writes.
    Again,
    Failed(sqlx::Error),
}

impl From<sqlx::Error> for Undone {
    fn from(error: sqlx::Error) -> Self {
        Undone::Failed(error)
    }
}

impl BatchHandler for Transactions {
    async fn handle(&self, batch: Vec<Work>) -> Vec<Finished> {
        self.status.batch(batch.len());
        let mut ended = self.together(&batch, Company::Leading).await;
        if matches!(ended, Err(Undone::Again)) {
            ended = self.together(&batch, Company::Alone).await;
        }
        let outcomes = ended.unwrap_or_else(|undone| all_unavailable(&batch, undone));
        batch.into_iter().zip(outcomes).map(|(work, outcome)| Finished { work, outcome }).collect()
    }
}

/// Nothing has happened: each record comes again, the first of each key before the others.
fn all_unavailable(batch: &[Work], undone: Undone) -> Vec<Outcome> {
    let why = match undone {
        Undone::Again => "the transaction was undone".to_owned(),
        Undone::Failed(error) => error.to_string(),
    };
    let unavailable = Outcome::from(crate::Failure::unavailable(format!("database: {why}")));
    let mut held = HeldKeys::default();
    let outcome = |work: &Work| {
        let outcome = if held.holds(work) { Outcome::Deferred } else { unavailable.clone() };
        held.note(work, &outcome);
        outcome
    };
    batch.iter().map(outcome).collect()
}

impl Transactions {
    /// The whole batch in one transaction.
    async fn together(&self, batch: &[Work], company: Company) -> Result<Vec<Outcome>, Undone> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut held = HeldKeys::default();
        let mut tx: Option<Tx> = None;
        for work in batch {
            let outcome = if held.holds(work) {
                Outcome::Deferred
            } else {
                self.one(work, &mut tx, company).await?
            };
            held.note(work, &outcome);
            outcomes.push(outcome);
        }
        if let Some(tx) = tx {
            match tx.commit().await {
                Err(error)
                    if company == Company::Leading && self.store.may_have_met_another(&error) =>
                {
                    return Err(Undone::Again);
                }
                ended => ended?,
            }
        }
        Ok(outcomes)
    }

    /// One record under its savepoint. An error undoes the whole batch.
    async fn one(
        &self,
        work: &Work,
        tx: &mut Option<Tx>,
        company: Company,
    ) -> Result<Outcome, Undone> {
        let (handler, writer) = match self.table.find(&work.record, &self.schemas).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Outcome::Done),
            Err(outcome) => return Ok(outcome),
        };
        let tx = match tx {
            Some(tx) => tx,
            none => none.insert(self.store.begin(crate::Cause::default(), company).await?),
        };
        tx.savepoint().await?;
        let around = Around { group: &self.group, traces: &self.traces };
        let outcome = handler.handle(work, &writer, around, tx).await;
        let failed = match outcome {
            // A handler that passed over an error of the database is told here.
            Outcome::Done => match tx.release().await {
                Ok(()) => return Ok(Outcome::Done),
                Err(error) if self.store.may_have_met_another(&error) => {
                    crate::Failure::from(error).into()
                }
                Err(error) => return Err(error.into()),
            },
            failed => failed,
        };
        if company == Company::Leading && tx.is_broken().await? {
            return Err(Undone::Again);
        }
        tx.undo().await?;
        Ok(failed)
    }
}
