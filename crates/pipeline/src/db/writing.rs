//! A transaction that writes: one of its own, or a turn in one that is shared.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::any::Any;
use sqlx::{AnyConnection, Transaction};
use tokio::sync::Notify;

use super::turn::Turn;

/// Undone where it is dropped.
pub(super) enum Writing {
    Own(Transaction<'static, Any>),
    Shared(Turn),
}

impl Writing {
    /// Commits, and wakes whoever waits for it.
    pub(super) async fn commit(self, wake: Option<Arc<Notify>>) -> Result<(), sqlx::Error> {
        match self {
            Writing::Own(tx) => {
                tx.commit().await?;
                if let Some(wake) = wake {
                    wake.notify_one();
                }
                Ok(())
            }
            Writing::Shared(turn) => turn.end(true, wake).await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Writing::Own(tx) => tx.rollback().await,
            Writing::Shared(turn) => turn.end(false, None).await,
        }
    }
}

impl Deref for Writing {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Writing::Own(tx) => tx,
            Writing::Shared(turn) => turn,
        }
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Writing::Own(tx) => tx,
            Writing::Shared(turn) => turn,
        }
    }
}
