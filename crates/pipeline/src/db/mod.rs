//! The database beside the topics: one transaction holds a handler's effects, the events it
//! emits (outbox) and the mark that it has handled this record (inbox).

mod inbox;
mod journal;
mod migrate;
mod outbox;
mod relay;
mod tx;

use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyPool;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub(crate) use inbox::{Inbox, mark_done};
pub(crate) use journal::Journal;
pub use migrate::Migration;
pub use outbox::Outgoing;
pub use relay::Relay;
pub use tx::{Emitter, Store, Tx};

/// Which database this is; the SQL of services is the same on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A file (or memory) of one process.
    Sqlite,
    /// Shared by several instances.
    Postgres,
}

/// A pool of connections, and on SQLite the one writer's turn.
#[derive(Clone)]
pub struct Database {
    pool: AnyPool,
    dialect: Dialect,
    writer: Arc<Semaphore>,
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
        sqlx::any::install_default_drivers();
        let dialect = match url {
            u if u.starts_with("sqlite:") => Dialect::Sqlite,
            u if u.starts_with("postgres:") || u.starts_with("postgresql:") => Dialect::Postgres,
            _ => return Err(DatabaseError::Url),
        };
        let pool = match dialect {
            Dialect::Sqlite => connect_sqlite(url).await?,
            Dialect::Postgres => pool_options().max_connections(10).connect(url).await?,
        };
        Ok(Database { pool, dialect, writer: Arc::new(Semaphore::new(1)) })
    }

    /// For reading outside a transaction.
    pub fn reader(&self) -> &AnyPool {
        &self.pool
    }

    /// Which database this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Begins a transaction that writes. SQLite has one writer: transactions of this process
    /// queue for their turn in order instead of polling the file's lock.
    pub(crate) async fn begin_write(
        &self,
    ) -> Result<(sqlx::Transaction<'static, sqlx::Any>, Option<OwnedSemaphorePermit>), sqlx::Error>
    {
        match self.dialect {
            Dialect::Sqlite => {
                let turn = self.writer.clone().acquire_owned().await.ok();
                Ok((self.pool.begin_with("BEGIN IMMEDIATE").await?, turn))
            }
            Dialect::Postgres => Ok((self.pool.begin().await?, None)),
        }
    }

    /// Whether the database answers now.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.pool).await.map(|_| ())
    }
}

fn pool_options() -> AnyPoolOptions {
    AnyPoolOptions::new().acquire_timeout(Duration::from_secs(10))
}

/// WAL lets readers read while one writes; FULL makes a commit survive a power cut.
async fn connect_sqlite(url: &str) -> Result<AnyPool, sqlx::Error> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    if let Some(folder) = std::path::Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
    }
    let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
    let options: AnyConnectOptions = url.parse()?;
    pool_options()
        .max_connections(4)
        .after_connect(|conn, _| {
            Box::pin(async move {
                for pragma in [
                    "PRAGMA busy_timeout = 10000",
                    "PRAGMA journal_mode = WAL",
                    "PRAGMA synchronous = FULL",
                    "PRAGMA foreign_keys = ON",
                ] {
                    sqlx::query(pragma).execute(&mut *conn).await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await
}
