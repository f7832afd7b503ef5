//! PostgreSQL for tests, started by `scripts/postgres`.

mod secured;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::OnceCell;

use crate::certificates::Certificate;
use crate::supervised::{Spec, Supervised};
use crate::{names, ports};

/// How long a server may take to start; on a quiet machine it takes two seconds.
const DEADLINE: Duration = Duration::from_secs(90);

/// The server that the tests of this run share.
#[derive(Debug)]
pub struct Shared {
    url: String,
    _own: Option<Server>,
}

/// The shared server: the one that `ORDERLINE_TEST_POSTGRES` names, or one started for this process.
pub async fn shared() -> anyhow::Result<&'static Shared> {
    static SHARED: OnceCell<Shared> = OnceCell::const_new();
    SHARED
        .get_or_try_init(async || {
            if let Ok(url) = std::env::var("ORDERLINE_TEST_POSTGRES") {
                return Ok(Shared { url: url.trim_end_matches('/').to_owned(), _own: None });
            }
            let own = Server::start().await?;
            Ok(Shared { url: own.url(), _own: Some(own) })
        })
        .await
}

impl Shared {
    /// The URL of a new, empty database. It stays when the test has ended, until its server goes.
    pub async fn database(&self) -> anyhow::Result<String> {
        new_database(&self.url).await
    }
}

/// A server of a test's own, to be stopped, killed, paused and restarted. It goes with its handle.
#[derive(Debug)]
pub struct Server {
    running: Supervised,
    spec: Spec,
    port: u16,
    folder: PathBuf,
}

impl Server {
    /// Starts a server on a free port, its data in a temporary folder, and waits until it answers.
    pub async fn start() -> anyhow::Result<Self> {
        Self::boot(None).await
    }

    async fn boot(secured: Option<&Certificate>) -> anyhow::Result<Self> {
        // The port may be gone when the data folder has been made, which takes a second.
        for _ in 0..5 {
            let mut server = Self::spawn(secured)?;
            match server.wait_until_up(0).await {
                Ok(()) => return Ok(server),
                Err(error) if !error.to_string().contains("Address already in use") => {
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        anyhow::bail!("PostgreSQL found its port taken, five times")
    }

    fn spawn(secured: Option<&Certificate>) -> anyhow::Result<Self> {
        let port = ports::free();
        let folder = tempfile::Builder::new().prefix("orderline-postgres-").tempdir()?.keep();
        let log = folder.join("postgres.log");
        let mut args = vec![folder.join("data").into(), port.to_string().into()];
        if let Some(certificate) = secured {
            args.push(secured::prepare(&folder, certificate)?.into());
        }
        let spec = Spec {
            // Killed outright it would leave a segment of shared memory behind.
            end_by: Some("QUIT"),
            remove: Some(folder.clone()),
            ..Spec::script("postgres/run.sh", args, log)?
        };
        let running = Supervised::spawn(&spec)?;
        Ok(Self { running, spec, port, folder })
    }

    /// Its port on 127.0.0.1, the same for its whole life.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `postgres://…`, the same for its whole life, without a database's name.
    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// The URL of a new, empty database.
    pub async fn database(&self) -> anyhow::Result<String> {
        new_database(&self.url()).await
    }

    /// Ends it at once, and with it every connection; what was committed is kept.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::QUIT)?;
        self.running.wait(DEADLINE).await.map(drop)
    }

    /// SIGSTOP of the process that takes connections: nobody new is answered until `resume`.
    pub fn pause(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::STOP)
    }

    /// SIGCONT.
    pub fn resume(&mut self) -> anyhow::Result<()> {
        self.running.signal(Signal::CONT)
    }

    /// Starts it again on the same port and data, and waits until it answers.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        let from = std::fs::metadata(&self.spec.log).map_or(0, |log| log.len() as usize);
        self.running = Supervised::spawn(&self.spec)?;
        self.wait_until_up(from).await
    }

    async fn wait_until_up(&mut self, from: usize) -> anyhow::Result<()> {
        self.running.wait_for_line("database system is ready", from, DEADLINE).await.map(drop)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.close();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn new_database(server: &str) -> anyhow::Result<String> {
    let name = names::unique("test").replace('-', "_");
    let mut admin = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .context("the PostgreSQL of the tests does not answer")?;
    sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await?;
    admin.close().await?;
    Ok(format!("{server}/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn count(url: &str) -> anyhow::Result<i64> {
        let mut conn = PgConnection::connect(url).await?;
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM t").fetch_one(&mut conn).await?)
    }

    #[tokio::test]
    async fn each_test_has_a_database_of_its_own() -> anyhow::Result<()> {
        let shared = shared().await?;
        let (one, two) = tokio::try_join!(shared.database(), shared.database())?;
        assert_ne!(one, two);
        let mut conn = PgConnection::connect(&one).await?;
        sqlx::query("CREATE TABLE t (n BIGINT)").execute(&mut conn).await?;
        assert!(count(&one).await.is_ok() && count(&two).await.is_err());
        Ok(())
    }

    #[tokio::test]
    async fn a_server_comes_back_with_what_was_committed_and_leaves_nothing() -> anyhow::Result<()>
    {
        let mut server = Server::start().await?;
        let url = server.database().await?;
        let mut conn = PgConnection::connect(&url).await?;
        sqlx::query("CREATE TABLE t AS SELECT 7 AS n").execute(&mut conn).await?;
        server.stop().await?;
        assert!(PgConnection::connect(&url).await.is_err());
        server.restart().await?;
        assert_eq!(count(&url).await?, 1);
        let folder = server.folder.clone();
        drop(server);
        assert!(!folder.exists());
        Ok(())
    }
}
