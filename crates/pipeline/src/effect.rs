//! Handlers with outside effects: intent, call, receipt.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::codec::Schemas;
use crate::db::{Inbox, Journal, Store};
use crate::dispatch::{Table, Writer, received};
use crate::engine::{Finished, Outcome, Work};
use crate::event::Event;
use crate::failure::Failure;
use crate::handler::{Call, Effect, Received};
use crate::meta::Cause;
use crate::status::GroupStatus;
use crate::trace::{self, Handling, Traces};
use crate::transactional::{AnyTransactional, Around};

pub(crate) trait AnyEffect: Send + Sync {
    fn perform<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        effects: &'a Effects,
    ) -> BoxFuture<'a, Outcome>;
}

pub(crate) struct Typed<H: Effect>(pub(crate) H::Context);

impl<H: Effect> AnyEffect for Typed<H> {
    fn perform<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        effects: &'a Effects,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let event = match received::<H::Event>(&work.record, writer) {
                Ok(event) => event,
                Err(outcome) => return outcome,
            };
            let group = effects.journal.consumer();
            let Handling { span, cause } =
                effects.traces.handling(group, H::Event::TYPE, &event.meta, work.tries);
            let outcome =
                self.once(&event, work.tries, cause, effects).instrument(span.clone()).await;
            trace::ended(&span, &outcome);
            outcome
        }
        .boxed()
    }
}

impl<H: Effect> Typed<H> {
    async fn once(
        &self,
        event: &Received<H::Event>,
        tries: u32,
        cause: Cause,
        effects: &Effects,
    ) -> Outcome {
        let id = &event.meta.event_id;
        let known = match effects.journal.intend(id).await {
            Ok(known) => known,
            Err(failure) => return failure.into(),
        };
        if known == Inbox::Done {
            return Outcome::Duplicate;
        }
        let in_doubt = known == Inbox::InDoubt;
        if in_doubt {
            effects.status.in_doubt();
            tracing::Span::current().record("pipeline.in_doubt", true);
        }
        let call = Call {
            in_doubt,
            tries,
            key: format!("{}:{id}", effects.journal.consumer()),
            cause,
            emitter: effects.store.emitter().clone(),
        };
        let settled = match H::perform(event, &call, &self.0).await {
            Ok(emit) => effects.journal.receipt(id, emit.0).await.map(|()| Outcome::Done),
            // What an earlier run left in doubt stays in doubt until it is settled.
            Err(failure) if in_doubt || matches!(failure, Failure::InDoubt(_)) => {
                Ok(failure.into())
            }
            // The handler says that it did not happen: the next try is not in doubt.
            Err(failure) => effects.journal.withdraw(id).await.map(|()| failure.into()),
        };
        settled.unwrap_or_else(Outcome::from)
    }
}

/// A handler whose effects are all in the database, in a transaction of its own: what a group that has
/// effects outside keeps of what it reads.
pub(crate) struct InDatabase(pub(crate) Arc<dyn AnyTransactional>);

impl AnyEffect for InDatabase {
    fn perform<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        effects: &'a Effects,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let around = Around { group: effects.journal.consumer(), traces: &effects.traces };
            let done = effects.store.write(Cause::default(), |tx| {
                async move {
                    match self.0.handle(work, writer, around, tx).await {
                        done @ (Outcome::Done | Outcome::Duplicate) => Ok(done),
                        failed => Err(failed),
                    }
                }
                .boxed()
            });
            done.await.unwrap_or_else(|failed| failed)
        }
        .boxed()
    }
}

/// A group's effects with their journal.
pub(crate) struct Effects {
    pub(crate) table: Table<dyn AnyEffect>,
    pub(crate) journal: Journal,
    pub(crate) store: Store,
    pub(crate) schemas: Schemas,
    pub(crate) status: Arc<GroupStatus>,
    pub(crate) traces: Traces,
}

pub(crate) async fn handle(effects: &Effects, work: Work) -> Finished {
    let outcome = match effects.table.find(&work.record, &effects.schemas).await {
        Ok(Some((handler, writer))) => handler.perform(&work, &writer, effects).await,
        Ok(None) => Outcome::Done,
        Err(outcome) => outcome,
    };
    Finished { work, outcome }
}
