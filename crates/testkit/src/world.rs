//! What is around one service, in this process: a log and a registry in memory, and a real database.
//! The test brings the service's own handlers and routes.

use std::future::Future;
use std::time::Duration;

use pipeline::transport::Transport;
use pipeline::transport::memory::Memory;
use pipeline::{
    Cause, Clock, Database, Emitter, Event, Group, GroupError, Migration, Outgoing, Relay, Runtime,
    Schemas, Settings, Store,
};
use prometheus_client::registry::Registry;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::database::{Fresh, Kind};
use crate::log;

const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(2);

/// A service's surroundings. Everything in it ends with it.
pub struct World {
    /// The log of all topics.
    pub log: Memory,
    /// The service's database and outbox; a relay sends what is in it.
    pub store: Store,
    /// Told when the world ends.
    pub stop: CancellationToken,
    runtime: Runtime<Memory>,
    _end: DropGuard,
    database: Fresh,
}

impl World {
    /// For a service of this name, with its tables.
    pub async fn open(on: Kind, service: &str, migrations: &[Migration]) -> anyhow::Result<Self> {
        Self::open_at(Clock::system(), on, service, migrations).await
    }

    /// The same by this clock.
    pub async fn open_at(
        clock: Clock,
        on: Kind,
        service: &str,
        migrations: &[Migration],
    ) -> anyhow::Result<Self> {
        let database = on.fresh().await?;
        let schemas = Schemas::in_memory();
        let emitter = Emitter { clock, ..Emitter::new(service, schemas.clone()) };
        let store = Store::new(Database::connect_as(service, database.url()).await?, emitter);
        store.migrate(migrations).await?;
        let log = Memory::new(3);
        let build = format!("{service} test");
        let runtime = Runtime::new(log.clone(), schemas, &build, &mut Registry::default())?;
        let stop = CancellationToken::new();
        let relay = Relay::new(store.clone(), runtime.sink());
        let until = stop.clone();
        tokio::spawn(async move { relay.run(until).await });
        let _end = stop.clone().drop_guard();
        Ok(World { log, store, stop, runtime, _end, database })
    }

    /// The database's URL, for another instance of the service.
    pub fn database(&self) -> &str {
        self.database.url()
    }

    /// Registers a record that this service publishes, or that the test does.
    pub async fn knows<E: Event>(&self) -> anyhow::Result<()> {
        self.store.emitter().schemas.register::<E>().await?;
        Ok(())
    }

    /// A consumer group on the log, without handlers yet.
    pub fn group(&self, name: &str) -> Group<Memory> {
        let often = Settings { commit_every: Duration::from_millis(10), ..Settings::default() };
        Group::new(name, &self.runtime).settings(often)
    }

    /// Runs a group, given [`World::stop`], until the world ends.
    pub fn runs(&self, group: impl Future<Output = Result<(), GroupError>> + Send + 'static) {
        tokio::spawn(async move { group.await.expect("the group ends well") });
    }

    /// The record of an event as another service would send it.
    pub fn record<E: Event>(&self, event: &E) -> Outgoing {
        let record = self.store.emitter().record(event, &Cause::default());
        record.expect("the record's type is known: see `knows`").1
    }

    /// Sends an event as another service would, and waits until `group` has handled it.
    pub async fn tell<E: Event>(&self, group: &str, event: &E) {
        self.tell_record(group, self.record(event)).await;
    }

    /// The same with a record as it is.
    pub async fn tell_record(&self, group: &str, record: Outgoing) {
        let topic = record.topic.clone();
        let sink = self.log.sink().expect("memory has a sink");
        sink.send(vec![record]).await.expect("memory takes it");
        self.until(|| self.log.broker().lag(group, &topic) == 0).await;
    }

    /// Waits until this holds.
    pub async fn until(&self, holds: impl Fn() -> bool) {
        let wait = async {
            while !holds() {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("it never came to that");
    }

    /// The types of all records of a key on a topic, once there are so many.
    pub async fn story(&self, topic: &str, key: &str, records: usize) -> Vec<String> {
        let of_key = || -> Vec<String> {
            let all = self.log.broker().records(topic);
            let own = all.iter().filter(|r| r.record.key.as_deref() == Some(key.as_bytes()));
            own.map(|r| log::type_of(&r.record)).collect()
        };
        self.until(|| of_key().len() >= records).await;
        of_key()
    }

    /// The events of one type on their topic.
    pub fn sent<E: Event>(&self) -> Vec<E> {
        log::sent(&self.log, &self.store.emitter().schemas)
    }

    /// Why records of a group were dead-lettered.
    pub fn dead(&self, group: &str) -> Vec<String> {
        log::dead(&self.log, group)
    }
}
