//! Writers of a service on SQLite at the same time, as requests are: a row and an event each. Beside
//! them the same with a lock around each write, so that each is a transaction of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use clap::Parser;
use futures::FutureExt;
use futures::future::try_join_all;
use pipeline::{Cause, Database, Emitter, Event, Failure, Migration, Schemas, Store, Tx};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

#[derive(Parser)]
struct Args {
    /// How many write at once
    #[arg(long, value_delimiter = ',', default_value = "1,4,16,64")]
    writers: Vec<u64>,
    /// How many writes each of the two makes
    #[arg(long, default_value_t = 2_000)]
    writes: u64,
    /// Where the databases are: on the disk that is to be measured
    #[arg(long, default_value = ".")]
    folder: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Placed {
    order: String,
    total: i64,
}

impl Event for Placed {
    const TYPE: &'static str = "bench.Placed";
    const TOPIC: &'static str = "placed";
    const SCHEMA: &'static str = r#"{"type":"record","name":"Placed","namespace":"bench","fields":[
        {"name":"order","type":"string"},{"name":"total","type":"long"}]}"#;

    fn key(&self) -> String {
        self.order.clone()
    }
}

const TABLES: Migration = Migration {
    name: "bench/0001",
    sql: "CREATE TABLE orders (id TEXT PRIMARY KEY, total BIGINT NOT NULL);\n",
};

#[derive(Serialize)]
struct Report {
    peer: &'static str,
    writers: u64,
    writes: u64,
    writes_per_s: f64,
    commits_per_write: f64,
}

#[tokio::main(flavor = "multi_thread")]
async fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    for &writers in &args.writers {
        for (peer, lock) in [("alone", Some(Mutex::new(()))), ("together", None)] {
            let report = run(peer, lock, writers, &args).await?;
            println!("{}", serde_json::to_string(&report)?);
        }
    }
    Ok(())
}

async fn run(
    peer: &'static str,
    lock: Option<Mutex<()>>,
    writers: u64,
    args: &Args,
) -> anyhow::Result<Report> {
    let folder = tempfile::tempdir_in(&args.folder)?;
    let file = folder.path().join("bench.db");
    let schemas = Schemas::in_memory();
    schemas.register::<Placed>().await?;
    let database = Database::connect(&format!("sqlite:{}", file.display())).await?;
    let store = Store::new(database, Emitter::new("bench", schemas));
    store.migrate(&[TABLES]).await?;
    let before = commits(&file)?;
    let shared = Arc::new((store, lock, AtomicU64::new(0)));
    let began = Instant::now();
    let writing = (0..writers).map(|_| {
        let (shared, writes) = (shared.clone(), args.writes);
        async move {
            let (store, lock, next) = &*shared;
            while next.fetch_add(1, Ordering::Relaxed) < writes {
                let _alone = match lock {
                    Some(lock) => Some(lock.lock().await),
                    None => None,
                };
                store.write(Cause::default(), |tx| place(tx).boxed()).await?;
            }
            Ok::<_, Failure>(())
        }
    });
    let writing =
        writing.map(|writer| async { tokio::spawn(writer).await?.map_err(anyhow::Error::from) });
    try_join_all(writing).await?;
    let seconds = began.elapsed().as_secs_f64();
    let commits = commits(&file)?.wrapping_sub(before);
    Ok(Report {
        peer,
        writers,
        writes: args.writes,
        writes_per_s: args.writes as f64 / seconds,
        commits_per_write: f64::from(commits) / args.writes as f64,
    })
}

async fn place(tx: &mut Tx) -> Result<(), Failure> {
    let order = tx.new_id().to_string();
    sqlx::query("INSERT INTO orders (id, total) VALUES ($1, $2)")
        .bind(order.clone())
        .bind(100_i64)
        .execute(tx.conn())
        .await?;
    tx.emit(&Placed { order, total: 100 })?;
    Ok(())
}

/// SQLite's own count, `iChange` in the header of the WAL index.
fn commits(file: &Path) -> anyhow::Result<u32> {
    let index = std::fs::read(file.with_extension("db-shm"))?;
    let count = index.get(8..12).ok_or_else(|| anyhow::anyhow!("the WAL index has no header"))?;
    Ok(u32::from_ne_bytes(count.try_into()?))
}
