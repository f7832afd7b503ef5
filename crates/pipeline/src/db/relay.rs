//! The relay: sends what the outbox holds, in order, until the broker has acknowledged it.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::outbox;
use super::tx::Store;
use crate::transport::Sink;

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
}

impl Relay {
    /// From this store's outbox to this transport.
    pub fn new(store: Store, sink: Arc<dyn Sink>) -> Self {
        Relay { store, sink }
    }

    /// Runs until told to stop, and then until the outbox is empty or the process gives up
    /// waiting. Every failure leaves a record's fate unknown, so it is sent again, with the same
    /// event id.
    pub async fn run(&self, stop: CancellationToken) {
        let mut forget = tokio::time::interval(FORGET_EVERY);
        loop {
            match self.drain().await {
                Ok(()) if stop.is_cancelled() => return,
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(%error, "the outbox could not be sent and will be tried again");
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

    /// How many records wait to be sent.
    pub async fn waiting(&self) -> Result<i64, sqlx::Error> {
        outbox::waiting(self.store.reader()).await
    }

    async fn drain(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        loop {
            let rows = outbox::oldest(self.store.reader(), BATCH).await?;
            let Some(last) = rows.last().map(|(id, _)| *id) else { return Ok(()) };
            self.sink.send(rows.into_iter().map(|(_, record)| record).collect()).await?;
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
            Ok(n) => tracing::info!(marks = n, "forgot inbox marks older than {INBOX_DAYS} days"),
            Err(error) => tracing::warn!(%error, "old inbox marks could not be removed"),
        }
    }
}
