//! Handlers without a database: decode, handle, done.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::codec::{Schemas, WriterSchema};
use crate::dispatch::{Table, received};
use crate::engine::{Finished, Outcome, Work};
use crate::handler::Plain;
use crate::transport::Record;

pub(crate) trait AnyPlain: Send + Sync {
    fn handle<'a>(
        &'a self,
        record: &'a Record,
        writer: &'a Arc<WriterSchema>,
    ) -> BoxFuture<'a, Outcome>;
}

pub(crate) struct Typed<H: Plain>(pub(crate) H::Context);

impl<H: Plain> AnyPlain for Typed<H> {
    fn handle<'a>(
        &'a self,
        record: &'a Record,
        writer: &'a Arc<WriterSchema>,
    ) -> BoxFuture<'a, Outcome> {
        async move {
            match received::<H::Event>(record, writer) {
                Ok(event) => match H::handle(&event, &self.0).await {
                    Ok(()) => Outcome::Done,
                    Err(failure) => failure.into(),
                },
                Err(outcome) => outcome,
            }
        }
        .boxed()
    }
}

pub(crate) async fn handle(table: &Table<dyn AnyPlain>, schemas: &Schemas, work: Work) -> Finished {
    let outcome = match table.find(&work.record, schemas).await {
        Ok(Some((handler, writer))) => handler.handle(&work.record, &writer).await,
        Ok(None) => Outcome::Done,
        Err(outcome) => outcome,
    };
    Finished { work, outcome }
}
