//! SQLite: a file of one process.

use sqlx::any::AnyConnectOptions;
use sqlx::{AnyPool, Connection};

const CONNECTIONS: u32 = 4;

/// Opens the file, and makes it where it is absent. WAL lets readers read while one writes; FULL
/// makes a commit survive a power cut.
pub(super) async fn connect(url: &str) -> Result<AnyPool, sqlx::Error> {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    if let Some(folder) = std::path::Path::new(path).parent() {
        std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
    }
    let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
    let options: AnyConnectOptions = url.parse()?;
    super::pool_options(CONNECTIONS)
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
        // SQLite undoes a transaction by itself on some errors, sqlx does not know of it, and such a
        // connection begins no other one.
        .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
        .connect_with(options)
        .await
}
