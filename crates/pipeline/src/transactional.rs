//! Many records in one transaction, a savepoint each.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::codec::{Schemas, WriterSchema};
use crate::db::{Store, Tx, mark_done};
use crate::dispatch::{Table, received};
use crate::engine::{BatchHandler, Finished, HeldKeys, Outcome, Work};
use crate::event::Event;
use crate::handler::{Received, Transactional};
use crate::status::GroupStatus;
use crate::trace::{self, Handling, Traces};

/// A handler whose type is forgotten, so that a table can hold it.
pub(crate) trait AnyTransactional: Send + Sync {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Arc<WriterSchema>,
        group: &'a Transactions,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Outcome>;
}

pub(crate) struct Typed<H: Transactional>(pub(crate) H::Context);

impl<H: Transactional> AnyTransactional for Typed<H> {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Arc<WriterSchema>,
        group: &'a Transactions,
        tx: &'a mut Tx,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let event = match received::<H::Event>(&work.record, writer) {
                Ok(event) => event,
                Err(outcome) => return outcome,
            };
            let Handling { span, cause } =
                group.traces.handling(&group.group, H::Event::TYPE, &event.meta, work.tries);
            tx.set_cause(cause);
            let outcome = self.once(&event, &group.group, tx).instrument(span.clone()).await;
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
            Err(error) => return crate::Failure::from(error).into(),
        }
        match H::handle(event, tx, &self.0).await {
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

impl BatchHandler for Transactions {
    async fn handle(&self, batch: Vec<Work>) -> Vec<Finished> {
        self.status.batch(batch.len());
        let mut finished = Vec::with_capacity(batch.len());
        let mut held = HeldKeys::default();
        let mut left = batch.into_iter();
        let result = self.run(&mut left, &mut held, &mut finished).await;
        let Err(error) = result else { return finished };
        // Nothing of this transaction has happened: each record comes again, the first of each
        // key before the others.
        let failure: Outcome = crate::Failure::unavailable(format!("database: {error}")).into();
        let mut held = HeldKeys::default();
        let works = finished.into_iter().map(|f| f.work).chain(left);
        works
            .map(|work| {
                let outcome = if held.holds(&work) { Outcome::Deferred } else { failure.clone() };
                held.note(&work, &outcome);
                Finished { work, outcome }
            })
            .collect()
    }
}

impl Transactions {
    async fn run(
        &self,
        left: &mut (impl Iterator<Item = Work> + Send),
        held: &mut HeldKeys,
        finished: &mut Vec<Finished>,
    ) -> Result<(), sqlx::Error> {
        let mut tx: Option<Tx> = None;
        for work in left {
            let outcome = if held.holds(&work) {
                Outcome::Deferred
            } else {
                match self.one(&work, &mut tx).await {
                    Ok(outcome) => outcome,
                    Err(error) => {
                        finished.push(Finished { work, outcome: Outcome::Deferred });
                        return Err(error);
                    }
                }
            };
            held.note(&work, &outcome);
            finished.push(Finished { work, outcome });
        }
        match tx {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }

    /// One record under its savepoint. An error is the database's: the whole batch comes again.
    async fn one(&self, work: &Work, tx: &mut Option<Tx>) -> Result<Outcome, sqlx::Error> {
        let (handler, writer) = match self.table.find(&work.record, &self.schemas).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Outcome::Done),
            Err(outcome) => return Ok(outcome),
        };
        let tx = match tx {
            Some(tx) => tx,
            none => none.insert(self.store.begin(crate::Cause::default()).await?),
        };
        tx.savepoint().await?;
        let outcome = handler.handle(work, &writer, self, tx).await;
        match outcome {
            Outcome::Done => tx.release().await?,
            _ => tx.undo().await?,
        }
        Ok(outcome)
    }
}
