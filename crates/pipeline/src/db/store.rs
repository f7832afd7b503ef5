//! The one way to write: a function that is given a transaction.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Notify;

use super::together::undone_by_another;
use super::{Company, Database, Dialect, Emitter, Migration, Tx};
use crate::meta::Cause;

/// A service's database together with what it emits.
#[derive(Clone)]
pub struct Store {
    db: Database,
    emitter: Emitter,
    committed: Arc<Notify>,
}

impl Store {
    /// Joins a database and an emitter.
    pub fn new(db: Database, emitter: Emitter) -> Self {
        Store { db, emitter, committed: Arc::new(Notify::new()) }
    }

    /// Applies the engine's and the service's migrations.
    pub async fn migrate(&self, migrations: &[Migration]) -> Result<(), super::DatabaseError> {
        self.db.migrate(migrations).await
    }

    /// Runs `work` in a transaction and commits it; undoes it where `work` fails. What it emits
    /// names `cause`.
    ///
    /// It may run twice. On PostgreSQL, when the database refuses a statement, another transaction
    /// may have been at the same rows; on SQLite, those who write at the same time share one
    /// transaction, and it may be undone because of another. So all is undone and done again, and
    /// this time no other writes meanwhile. So it does nothing outside of the transaction.
    ///
    /// ```ignore
    /// store.write(cause, |tx| async move { orders::find(tx.conn(), id).await }.boxed()).await?;
    /// ```
    pub async fn write<'work, T, E, F>(&self, cause: Cause, mut work: F) -> Result<T, E>
    where
        E: From<sqlx::Error>,
        F: for<'tx> FnMut(&'tx mut Attempt<'work>) -> BoxFuture<'tx, Result<T, E>>,
    {
        let mut attempt = Attempt::new(self.begin(cause.clone(), Company::Beside).await?);
        match work(&mut attempt).await {
            Ok(value) => match attempt.tx.commit().await {
                Ok(()) => return Ok(value),
                Err(error) if self.may_have_met_another(&error) => {}
                Err(error) => return Err(error.into()),
            },
            Err(_) if attempt.is_broken().await.unwrap_or(false) => attempt.tx.rollback().await?,
            Err(error) => {
                // The connection may be gone, and the transaction with it: `error` says why.
                match attempt.tx.rollback().await {
                    // What it saw was undone, too.
                    Err(undone) if undone_by_another(&undone) => {}
                    _ => return Err(error),
                }
            }
        }
        let mut attempt = Attempt::new(self.begin(cause, Company::Alone).await?);
        match work(&mut attempt).await {
            Ok(value) => Ok(attempt.tx.commit().await.map(|()| value)?),
            Err(error) => {
                let _ = attempt.tx.rollback().await;
                Err(error)
            }
        }
    }

    pub(crate) async fn begin(&self, cause: Cause, company: Company) -> Result<Tx, sqlx::Error> {
        Tx::begin(self, cause, company).await
    }

    /// Whether what the database refused beside others may go well alone.
    pub(crate) fn may_have_met_another(&self, error: &sqlx::Error) -> bool {
        match self.db.dialect() {
            Dialect::Sqlite => undone_by_another(error),
            Dialect::Postgres => {
                error.as_database_error().is_some() && !crate::failure::is_outage(error)
            }
        }
    }

    /// For reading outside a transaction.
    pub fn reader(&self) -> &sqlx::AnyPool {
        self.db.reader()
    }

    /// The database itself.
    pub fn database(&self) -> &Database {
        &self.db
    }

    /// The emitter, for its clock and ids.
    pub fn emitter(&self) -> &Emitter {
        &self.emitter
    }

    /// The present.
    pub fn now_micros(&self) -> i64 {
        self.emitter.clock.now_micros()
    }

    /// Resolves after a commit that put something into the outbox.
    pub(super) async fn committed(&self) {
        self.committed.notified().await;
    }

    /// Who is to be woken after such a commit.
    pub(super) fn relay(&self) -> Arc<Notify> {
        self.committed.clone()
    }
}

/// The transaction of [`Store::write`]. That `'work` outlives a borrow of it lets the future of the
/// work borrow from what is around it, too.
pub struct Attempt<'work> {
    tx: Tx,
    _work: PhantomData<&'work ()>,
}

impl Attempt<'_> {
    fn new(tx: Tx) -> Self {
        Attempt { tx, _work: PhantomData }
    }
}

impl Deref for Attempt<'_> {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Attempt<'_> {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
