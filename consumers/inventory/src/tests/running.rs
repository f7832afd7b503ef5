//! The service's handlers on a log in memory and a database of each kind.

use std::time::Duration;

use pipeline::transport::Sink;
use pipeline::transport::memory::Memory;
use pipeline::{
    Cause, Database, Emitter, Event, Group, GroupError, Outgoing, Relay, Runtime, Schemas,
    Settings, Store,
};
use shop_events::*;
use shop_service::Published as _;
use shop_testkit::database::{Fresh, Kind};
use shop_testkit::{log, wait};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::domain::level::Level;
use crate::{MIGRATIONS, Published, handlers_of, store};

const SOON: Duration = Duration::from_secs(120);

/// What the tests publish themselves.
type FromOrder = (OrderPlaced, OrderCompleted, OrderRejected, OrderCancelled);
type FromProduct = (ProductListed, ProductRestocked, ProductDelisted, ProductRepriced);

pub(super) struct Inventory {
    pub(super) memory: Memory,
    pub(super) store: Store,
    runtime: Runtime<Memory>,
    others: Emitter,
    group: Option<(CancellationToken, JoinHandle<Result<(), GroupError>>)>,
    _database: Fresh,
}

impl Inventory {
    pub(super) async fn start(on: Kind) -> Self {
        let database = on.fresh().await.expect("a database");
        let schemas = Schemas::in_memory();
        Published::register(&schemas).await.expect("registers");
        FromOrder::register(&schemas).await.expect("registers");
        FromProduct::register(&schemas).await.expect("registers");
        let memory = Memory::new(3);
        let mut metrics = prometheus_client::registry::Registry::default();
        let runtime = Runtime::new(memory.clone(), schemas.clone(), "test", &mut metrics);
        let runtime = runtime.expect("the log in memory is there");
        let connected = Database::connect_as("inventory", database.url()).await.expect("connects");
        let store = Store::new(connected, Emitter::new("inventory", schemas.clone()));
        store.migrate(MIGRATIONS).await.expect("migrates");
        let relay = Relay::new(store.clone(), runtime.sink());
        tokio::spawn(async move { relay.run(CancellationToken::new()).await });
        let others = Emitter::new("test", schemas);
        let mut inventory =
            Inventory { memory, store, runtime, others, group: None, _database: database };
        inventory.join();
        inventory
    }

    fn join(&mut self) {
        let settings = Settings { commit_every: Duration::from_millis(20), ..Default::default() };
        let group = Group::new("inventory", &self.runtime).settings(settings);
        let (stop, store) = (CancellationToken::new(), self.store.clone());
        let running = tokio::spawn(handlers_of(group, store).run(stop.clone()));
        self.group = Some((stop, running));
    }

    /// Stops the consumer in order and starts another.
    pub(super) async fn restart(&mut self) {
        if let Some((stop, running)) = self.group.take() {
            stop.cancel();
            running.await.expect("does not panic").expect("ends well");
        }
        self.join();
    }

    /// An event as it goes to its topic, to be sent once or more often.
    pub(super) fn record<E: Event>(&self, event: &E) -> Outgoing {
        self.others.record(event, &Cause::default()).expect("encodes").1
    }

    pub(super) async fn send(&self, record: Outgoing) {
        // A lost acknowledgement is an error here and a record in the log all the same.
        let _ = self.memory.broker().send(vec![record]).await;
    }

    pub(super) async fn publish<E: Event>(&self, event: &E) {
        self.send(self.record(event)).await;
    }

    /// Waits until everything published is handled and committed, and the answers are out.
    pub(super) async fn settled(&self) {
        let relay = Relay::new(self.store.clone(), self.runtime.sink());
        let broker = self.memory.broker();
        let done = async || {
            let behind = ["orders", "products"].iter().any(|t| broker.lag("inventory", t) > 0);
            !behind && relay.waiting().await.is_ok_and(|n| n == 0)
        };
        wait::until(SOON, done).await.expect("all is handled");
    }

    /// What was published of a type, each event once however often it was sent.
    pub(super) fn told<E: Event>(&self) -> Vec<E> {
        log::told(&self.memory, self.runtime.schemas())
    }

    pub(super) fn dead_letters(&self) -> usize {
        log::dead(&self.memory, "inventory").len()
    }

    pub(super) async fn levels(&self) -> Vec<Level> {
        store::levels(self.store.reader()).await.expect("reads")
    }

    pub(super) async fn level(&self, product: &str) -> Level {
        let levels = self.levels().await;
        levels.into_iter().find(|level| level.product_id == product).expect("known")
    }
}
