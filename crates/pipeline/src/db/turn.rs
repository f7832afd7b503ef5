//! A writer's turn in a transaction that may be shared.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::Transaction;
use sqlx::any::Any;
use tokio::sync::{Notify, oneshot};

/// The transaction, as long as it is one writer's. Dropped, it is given back with his work undone.
pub(super) struct Turn {
    /// None once it is given back.
    lent: Option<(Transaction<'static, Any>, oneshot::Sender<Returned>)>,
}

/// A turn that is over.
pub(super) struct Returned {
    pub(super) tx: Transaction<'static, Any>,
    /// None where the writer has gone away.
    pub(super) end: Option<End>,
}

/// What one who has had his turn waits for.
pub(super) struct End {
    /// Whether his work is to be committed, or undone.
    pub(super) kept: bool,
    /// Whom to wake when it is committed, whether or not the writer is still there.
    pub(super) wake: Option<Arc<Notify>>,
    pub(super) told: oneshot::Sender<Result<(), sqlx::Error>>,
}

impl Turn {
    pub(super) fn new(tx: Transaction<'static, Any>, back: oneshot::Sender<Returned>) -> Self {
        Turn { lent: Some((tx, back)) }
    }

    /// Ends the turn, and waits for the end of the transaction.
    pub(super) async fn end(
        mut self,
        kept: bool,
        wake: Option<Arc<Notify>>,
    ) -> Result<(), sqlx::Error> {
        let (told, outcome) = oneshot::channel();
        self.give_back(Some(End { kept, wake, told }));
        outcome.await.unwrap_or(Err(sqlx::Error::PoolClosed))
    }

    fn give_back(&mut self, end: Option<End>) {
        if let Some((tx, back)) = self.lent.take() {
            let _ = back.send(Returned { tx, end });
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.give_back(None);
    }
}

impl Deref for Turn {
    type Target = Transaction<'static, Any>;

    fn deref(&self) -> &Self::Target {
        &self.lent.as_ref().expect("is given back at its end").0
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.lent.as_mut().expect("is given back at its end").0
    }
}

impl End {
    pub(super) fn tell_committed(self) {
        if let Some(wake) = self.wake.filter(|_| self.kept) {
            wake.notify_one();
        }
        let _ = self.told.send(Ok(()));
    }

    pub(super) fn tell_undone(self, error: sqlx::Error) {
        let _ = self.told.send(Err(error));
    }
}
