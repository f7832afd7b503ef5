//! The database beside the topics: one transaction holds a handler's effects, the events it
//! emits (outbox) and the mark that it has handled this record (inbox).

mod inbox;
mod journal;
mod migrate;
mod outbox;
mod postgres;
mod relay;
mod sqlite;
mod store;
mod together;
mod turn;
mod tx;
mod writing;

use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;

pub(crate) use inbox::{Inbox, mark_done};
pub(crate) use journal::Journal;
pub use migrate::Migration;
pub use outbox::Outgoing;
pub use relay::Relay;
pub use store::{Attempt, Store};
use together::{Limits, Together};
pub use tx::{Emitter, Tx};
use writing::Writing;

/// Which database this is; the SQL of services is the same on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file (or memory) of one process.
    Sqlite,
    /// Shared by several instances.
    Postgres,
}

/// With whom a transaction that writes shares the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Company {
    /// Others write at the same time: on PostgreSQL who meets one of them is undone, on SQLite
    /// they share the transaction.
    Beside,
    /// As beside, and takes long: on SQLite it begins the transaction, so that nobody who is done
    /// waits for it.
    Leading,
    /// No other writes meanwhile.
    Alone,
}

/// A pool of connections, and on SQLite the line of those who write.
#[derive(Clone)]
pub struct Database {
    pool: AnyPool,
    dialect: Dialect,
    schema: Option<Arc<str>>,
    together: Option<Together>,
}

/// What is wrong with a database URL, or with the database behind it.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The URL names no database that is supported.
    #[error("the database URL must begin with `sqlite:` or `postgres:`, and this one does not")]
    Url,
    /// The database's own words.
    #[error("database: {0}")]
    Sqlx(#[from] sqlx::Error),
    /// A migration that was changed after it was applied.
    #[error(
        "migration {0} differs from the one that was applied: add a new one instead of changing it"
    )]
    Changed(String),
}

impl Database {
    /// Connects by URL: `sqlite:PATH` (made when absent) or `postgres://…`.
    pub async fn connect(url: &str) -> Result<Self, DatabaseError> {
        Self::open(url, None).await
    }

    /// Connects for one of several services that share a URL: on PostgreSQL its tables are in the
    /// schema of that name, which the migration makes.
    pub async fn connect_as(service: &str, url: &str) -> Result<Self, DatabaseError> {
        Self::open(url, Some(service.into())).await
    }

    async fn open(url: &str, schema: Option<Arc<str>>) -> Result<Self, DatabaseError> {
        sqlx::any::install_default_drivers();
        let dialect = match url {
            u if u.starts_with("sqlite:") => Dialect::Sqlite,
            u if u.starts_with("postgres:") || u.starts_with("postgresql:") => Dialect::Postgres,
            _ => return Err(DatabaseError::Url),
        };
        let (pool, together);
        match dialect {
            Dialect::Sqlite => {
                pool = sqlite::connect(url).await?;
                together = Some(Together::start(pool.clone(), Limits::default()));
            }
            Dialect::Postgres => {
                pool = postgres::connect(url, schema.clone()).await?;
                together = None;
            }
        }
        Ok(Database { pool, dialect, schema, together })
    }

    /// For reading outside a transaction.
    pub fn reader(&self) -> &AnyPool {
        &self.pool
    }

    fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction that writes. SQLite has one writer: those of this process queue for
    /// their turn in order instead of polling the file's lock, and share commits. On PostgreSQL
    /// each sees the database as it was at its beginning, and fails where another has changed
    /// meanwhile what it changes.
    async fn begin_write(&self, company: Company) -> Result<Writing, sqlx::Error> {
        if let Some(together) = &self.together {
            return Ok(Writing::Shared(together.turn(company).await?));
        }
        let mut tx = self.pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
        postgres::join(&mut tx, company).await?;
        Ok(Writing::Own(tx))
    }

    /// Whether the database answers now.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(|_| ())
    }
}

fn pool_options(connections: u32) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(10))
}
