//! Handlers without a database: decode, handle, done.

use futures::FutureExt;
use futures::future::BoxFuture;
use tracing::Instrument;

use crate::codec::Schemas;
use crate::dispatch::{Table, Writer, received};
use crate::engine::{Finished, Outcome, Work};
use crate::event::Event;
use crate::handler::Plain;
use crate::trace::{self, Handling, Traces};

pub(crate) trait AnyPlain: Send + Sync {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        group: &'a PlainHandlers,
    ) -> BoxFuture<'a, Outcome>;
}

pub(crate) struct Typed<H: Plain>(pub(crate) H::Context);

impl<H: Plain> AnyPlain for Typed<H> {
    fn handle<'a>(
        &'a self,
        work: &'a Work,
        writer: &'a Writer,
        group: &'a PlainHandlers,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            let event = match received::<H::Event>(&work.record, writer) {
                Ok(event) => event,
                Err(outcome) => return outcome,
            };
            let Handling { span, .. } =
                group.traces.handling(&group.group, H::Event::TYPE, &event.meta, work.tries);
            let outcome = match H::handle(&event, &self.0).instrument(span.clone()).await {
                Ok(()) => Outcome::Done,
                Err(failure) => failure.into(),
            };
            trace::ended(&span, &outcome);
            outcome
        }
        .boxed()
    }
}

/// A group's handlers.
pub(crate) struct PlainHandlers {
    pub(crate) group: String,
    pub(crate) table: Table<dyn AnyPlain>,
    pub(crate) schemas: Schemas,
    pub(crate) traces: Traces,
}

pub(crate) async fn handle(group: &PlainHandlers, work: Work) -> Finished {
    let outcome = match group.table.find(&work.record, &group.schemas).await {
        Ok(Some((handler, writer))) => handler.handle(&work, &writer, group).await,
        Ok(None) => Outcome::Done,
        Err(outcome) => outcome,
    };
    Finished { work, outcome }
}
