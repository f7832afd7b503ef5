//! The journal of outside effects. Many effects run at once, and each writes an intent before
//! and a receipt after: one writer takes what has come together into one transaction.

use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::{mpsc, oneshot};

use super::inbox::{self, Inbox};
use super::outbox::Outgoing;
use super::{Store, Tx};
use crate::failure::Failure;
use crate::meta::Cause;

/// Entries in one transaction.
const TOGETHER: usize = 256;

enum Entry {
    Intent,
    Receipt(Vec<Outgoing>),
    Withdraw,
}

struct Request {
    event_id: String,
    entry: Entry,
    answer: oneshot::Sender<Result<Inbox, Failure>>,
}

/// One consumer group's journal.
pub(crate) struct Journal {
    consumer: Arc<str>,
    requests: mpsc::Sender<Request>,
}

impl Journal {
    /// Starts the writer, which lives as long as the journal.
    pub(crate) fn start(consumer: &str, store: Store) -> Self {
        let (requests, inbox) = mpsc::channel(TOGETHER);
        let consumer: Arc<str> = consumer.into();
        tokio::spawn(write(consumer.clone(), store, inbox));
        Journal { consumer, requests }
    }

    pub(crate) fn consumer(&self) -> &str {
        &self.consumer
    }

    /// Writes that the effect is about to be performed, and says what was known of it.
    pub(crate) async fn intend(&self, event_id: &str) -> Result<Inbox, Failure> {
        self.request(event_id, Entry::Intent).await
    }

    /// Writes that it has been performed, together with what is emitted.
    pub(crate) async fn receipt(
        &self,
        event_id: &str,
        emitted: Vec<Outgoing>,
    ) -> Result<(), Failure> {
        self.request(event_id, Entry::Receipt(emitted)).await.map(|_| ())
    }

    /// Writes that it has not been performed.
    pub(crate) async fn withdraw(&self, event_id: &str) -> Result<(), Failure> {
        self.request(event_id, Entry::Withdraw).await.map(|_| ())
    }

    async fn request(&self, event_id: &str, entry: Entry) -> Result<Inbox, Failure> {
        let (answer, answered) = oneshot::channel();
        let request = Request { event_id: event_id.to_owned(), entry, answer };
        let gone = || Failure::unavailable("the journal has ended");
        self.requests.send(request).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

async fn write(consumer: Arc<str>, store: Store, mut requests: mpsc::Receiver<Request>) {
    let mut batch = Vec::new();
    while requests.recv_many(&mut batch, TOGETHER).await > 0 {
        let outcome = together(&consumer, &store, &batch).await;
        match outcome {
            Ok(known) => {
                for (request, known) in batch.drain(..).zip(known) {
                    let _ = request.answer.send(Ok(known));
                }
            }
            Err(error) => {
                let failure = Failure::from(error);
                let failure = Failure::unavailable(failure.reason());
                for request in batch.drain(..) {
                    let _ = request.answer.send(Err(failure.clone()));
                }
            }
        }
    }
}

async fn together(
    consumer: &str,
    store: &Store,
    batch: &[Request],
) -> Result<Vec<Inbox>, sqlx::Error> {
    store
        .write(Cause::default(), |tx| {
            async move {
                let mut known = Vec::with_capacity(batch.len());
                for request in batch {
                    known.push(one(consumer, tx, request).await?);
                }
                Ok(known)
            }
            .boxed()
        })
        .await
}

async fn one(consumer: &str, tx: &mut Tx, request: &Request) -> Result<Inbox, sqlx::Error> {
    let (id, now) = (&request.event_id, tx.now_micros());
    match &request.entry {
        Entry::Intent => inbox::begin_effect(tx.conn(), consumer, id, now).await,
        Entry::Receipt(emitted) => {
            // Where another instance took this effect for one in doubt, its receipt may be there
            // already, and has told of it.
            if inbox::mark_done(tx.conn(), consumer, id, now).await? {
                tx.emit_records(emitted.clone());
            }
            Ok(Inbox::Done)
        }
        Entry::Withdraw => inbox::withdraw(tx.conn(), consumer, id).await.map(|()| Inbox::New),
    }
}
