//! Events, a database, and a way to send and to look.

use std::collections::HashMap;
use std::time::Duration;

use pipeline::transport::memory::Memory;
use pipeline::transport::{Sink, Transport};
use pipeline::{
    Backoff, Cause, Database, Emitter, Event, GroupError, Migration, Outgoing, Relay, Runtime,
    Schemas, Settings, Store,
};
use serde::{Deserialize, Serialize};
use shop_testkit::database::{Fresh, Kind};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) key: String,
    pub(crate) number: i64,
    pub(crate) mood: String,
}

impl Event for Asked {
    const TYPE: &'static str = "test.Asked";
    const TOPIC: &'static str = "asked";
    const SCHEMA: &'static str = r#"{"type":"record","name":"Asked","namespace":"test","fields":[
        {"name":"key","type":"string"},{"name":"number","type":"long"},{"name":"mood","type":"string"}]}"#;

    fn key(&self) -> String {
        self.key.clone()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) key: String,
    pub(crate) number: i64,
}

impl Event for Answered {
    const TYPE: &'static str = "test.Answered";
    const TOPIC: &'static str = "answered";
    const SCHEMA: &'static str = r#"{"type":"record","name":"Answered","namespace":"test","fields":[
        {"name":"key","type":"string"},{"name":"number","type":"long"}]}"#;

    fn key(&self) -> String {
        self.key.clone()
    }
}

const TABLES: Migration = Migration {
    name: "test/0001",
    sql: "CREATE TABLE noted (item TEXT NOT NULL, number BIGINT NOT NULL);\n",
};

pub(crate) struct World {
    pub(crate) memory: Memory,
    pub(crate) store: Store,
    pub(crate) schemas: Schemas,
    relay: JoinHandle<()>,
    stop_relay: CancellationToken,
    database: Fresh,
}

impl World {
    pub(crate) async fn open(on: Kind) -> anyhow::Result<Self> {
        let database = on.fresh().await?;
        let schemas = Schemas::in_memory();
        schemas.register::<Asked>().await?;
        schemas.register::<Answered>().await?;
        let store = Store::new(
            Database::connect(database.url()).await?,
            Emitter::new("test", schemas.clone()),
        );
        store.migrate(&[TABLES]).await?;
        store.migrate(&[TABLES]).await?;
        let memory = Memory::new(3);
        let stop_relay = CancellationToken::new();
        let relay = Relay::new(store.clone(), memory.sink()?);
        let token = stop_relay.clone();
        let relay = tokio::spawn(async move { relay.run(token).await });
        Ok(World { memory, store, schemas, relay, stop_relay, database })
    }

    /// A runtime, as a process of its own would have.
    pub(crate) fn runtime(&self) -> anyhow::Result<Runtime<Memory>> {
        let mut metrics = prometheus_client::registry::Registry::default();
        Ok(Runtime::new(self.memory.clone(), self.schemas.clone(), "test 1", &mut metrics)?)
    }

    pub(crate) fn record(&self, key: &str, number: i64, mood: &str) -> anyhow::Result<Outgoing> {
        let event = Asked { key: key.into(), number, mood: mood.into() };
        Ok(self.store.emitter().record(&event, &Cause::default())?.1)
    }

    pub(crate) async fn send(&self, records: Vec<Outgoing>) -> anyhow::Result<()> {
        Ok(self.memory.broker().send(records).await?)
    }

    pub(crate) async fn all_committed(&self, group: &str) -> anyhow::Result<()> {
        shop_testkit::wait::until(PATIENCE, async || self.memory.broker().lag(group, "asked") == 0)
            .await
    }

    pub(crate) async fn noted(&self) -> anyhow::Result<Vec<(String, i64)>> {
        let rows = sqlx::query_as("SELECT item, number FROM noted ORDER BY item, number")
            .fetch_all(self.store.reader())
            .await?;
        Ok(rows)
    }

    /// The numbers answered per key, in the order of the topic, and the ids they came under.
    pub(crate) fn answered(&self) -> HashMap<String, Vec<(i64, String)>> {
        let mut found: HashMap<String, Vec<(i64, String)>> = HashMap::new();
        for stored in self.memory.broker().records("answered") {
            let headers: HashMap<_, _> = stored.record.headers.iter().cloned().collect();
            let key = String::from_utf8_lossy(stored.record.key.as_deref().unwrap_or_default())
                .into_owned();
            let id = String::from_utf8_lossy(&headers["ce_id"]).into_owned();
            let payload = stored.record.payload.as_deref().unwrap_or_default();
            // The last field of the record is the number, a zigzag varint below 64 here.
            let number = i64::from(payload[payload.len() - 1] / 2);
            found.entry(key).or_default().push((number, id));
        }
        found
    }

    pub(crate) async fn outbox_is_empty(&self) -> anyhow::Result<()> {
        let relay = Relay::new(self.store.clone(), self.memory.sink()?);
        shop_testkit::wait::until(PATIENCE, async || relay.waiting().await.is_ok_and(|n| n == 0))
            .await
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        self.stop_relay.cancel();
        self.relay.await?;
        drop(self.database);
        Ok(())
    }
}

pub(crate) fn quick() -> Settings {
    Settings {
        commit_every: Duration::from_millis(20),
        retry: Backoff {
            first: Duration::from_millis(10),
            longest: Duration::from_millis(50),
            tries: 4,
        },
        ..Settings::default()
    }
}

/// The same, and a record is tried again for as long as it takes.
pub(crate) fn patient() -> Settings {
    let quick = quick();
    Settings { retry: Backoff { tries: u32::MAX, ..quick.retry }, ..quick }
}

pub(crate) type Group = JoinHandle<Result<(), GroupError>>;

pub(crate) async fn stop(token: &CancellationToken, group: Group) -> anyhow::Result<()> {
    token.cancel();
    Ok(tokio::time::timeout(PATIENCE, group).await???)
}
