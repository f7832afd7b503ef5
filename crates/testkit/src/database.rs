//! Which database a test runs on: SQLite, or a PostgreSQL that is started for it.

use std::future::Future;

use anyhow::Context;
use tempfile::TempDir;

use crate::postgres;

/// A kind of database that services run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// The server of [`postgres::shared`].
    Postgres,
}

impl Kind {
    /// What `DATABASE` says, `sqlite` or `postgres`; SQLite where it says nothing.
    pub fn chosen() -> anyhow::Result<Self> {
        match std::env::var("DATABASE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Ok(Kind::Sqlite),
            Ok("postgres") => Ok(Kind::Postgres),
            Ok(other) => anyhow::bail!("DATABASE is {other:?}, and may be sqlite or postgres"),
        }
    }

    /// A new, empty database of this kind.
    pub async fn fresh(self) -> anyhow::Result<Fresh> {
        match self {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().context("a folder for the database")?;
                let url = format!("sqlite:{}", folder.path().join("test.db").display());
                Ok(Fresh { url, _folder: Some(folder) })
            }
            Kind::Postgres => {
                let url = postgres::shared().await?.database().await?;
                Ok(Fresh { url, _folder: None })
            }
        }
    }
}

/// A database that nobody else uses. A file goes with its handle.
#[derive(Debug)]
pub struct Fresh {
    url: String,
    _folder: Option<TempDir>,
}

impl Fresh {
    /// Its URL, as `--database` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

/// Makes two tests of each function in the list, one on SQLite and one on PostgreSQL. The functions
/// are async and take a [`Kind`].
#[macro_export]
macro_rules! on_every_database {
    ($($test:ident),* $(,)?) => {
        mod on_sqlite {
            $(#[test]
            fn $test() -> impl ::std::process::Termination {
                $crate::database::run(super::$test($crate::database::Kind::Sqlite))
            })*
        }
        mod on_postgres {
            $(#[test]
            fn $test() -> impl ::std::process::Termination {
                $crate::database::run(super::$test($crate::database::Kind::Postgres))
            })*
        }
    };
}

/// Runs a test to its end, on threads of its own.
#[doc(hidden)]
pub fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime").block_on(test)
}
