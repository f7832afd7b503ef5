//! Several instances on one PostgreSQL: what each writes and sends adds up, also when one of them
//! stands still.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context;
use futures::FutureExt;
use futures::future::{BoxFuture, try_join_all};
use pipeline::codec::{decode, unframe};
use pipeline::transport::memory::Memory;
use pipeline::transport::{SendError, Sink, Transport};
use pipeline::{
    Cause, Database, Emitter, Event, Failure, Migration, Outgoing, Received, Relay, Runtime,
    Schemas, Store, Transactional, Tx,
};
use shop_testkit::database::Kind;
use shop_testkit::wait;
use sqlx::Row;
use tokio_util::sync::CancellationToken;

use crate::world::{Answered, Asked, quick, stop};

/// Also for PostgreSQL's own, with a session that says nothing inside a transaction.
const PATIENCE: Duration = Duration::from_secs(120);

const TABLES: Migration = Migration {
    name: "test/0001",
    sql: "CREATE TABLE counted (item TEXT PRIMARY KEY, number BIGINT NOT NULL);\n
          INSERT INTO counted (item, number) VALUES ('a', 0), ('b', 0), ('c', 0);\n",
};

/// Counts one more, by reading and then writing, and tells of it.
async fn count(tx: &mut Tx, item: &str) -> Result<(), Failure> {
    let row = sqlx::query("SELECT number FROM counted WHERE item = $1")
        .bind(item)
        .fetch_one(tx.conn())
        .await?;
    let number = row.try_get::<i64, _>(0)? + 1;
    sqlx::query("UPDATE counted SET number = $1 WHERE item = $2")
        .bind(number)
        .bind(item)
        .execute(tx.conn())
        .await?;
    tx.emit(&Answered { key: item.to_owned(), number })?;
    Ok(())
}

struct Shared {
    url: String,
    schemas: Schemas,
    memory: Memory,
}

impl Shared {
    async fn open() -> anyhow::Result<Self> {
        let url = Kind::Postgres.fresh().await?.url().to_owned();
        let schemas = Schemas::in_memory();
        schemas.register::<Asked>().await?;
        schemas.register::<Answered>().await?;
        Ok(Shared { url, schemas, memory: Memory::new(3) })
    }

    /// An instance's own way to the database.
    async fn instance(&self) -> anyhow::Result<Store> {
        let database = Database::connect_as("counter", &self.url).await?;
        let store = Store::new(database, Emitter::new("counter", self.schemas.clone()));
        store.migrate(&[TABLES]).await?;
        Ok(store)
    }

    async fn count(&self, store: &Store, item: &str) -> Result<(), Failure> {
        store.write(Cause::default(), |tx| count(tx, item).boxed()).await
    }

    async fn relay(&self, store: &Store) -> anyhow::Result<tokio::task::JoinHandle<()>> {
        let relay = Relay::new(store.clone(), self.memory.sink()?);
        Ok(tokio::spawn(async move { relay.run(CancellationToken::new()).await }))
    }

    /// What was sent of each item, in the order of the topic.
    fn sent(&self) -> HashMap<String, Vec<i64>> {
        let mut sent: HashMap<String, Vec<i64>> = HashMap::new();
        for stored in self.memory.broker().records(Answered::TOPIC) {
            let (id, bytes) =
                unframe(stored.record.payload.as_deref().unwrap_or_default()).unwrap();
            let event: Answered = decode(bytes, &self.schemas.cached(id).unwrap()).unwrap();
            sent.entry(event.key).or_default().push(event.number);
        }
        sent
    }

    /// Waits until so much of an item was sent, and checks that none came before its predecessor.
    async fn all_sent(&self, item: &str, most: i64) -> anyhow::Result<()> {
        let numbers = || self.sent().remove(item).unwrap_or_default();
        let all = wait::until(PATIENCE, async || numbers().contains(&most)).await;
        all.with_context(|| format!("{most} of {item}: {:?}", numbers()))?;
        let mut seen = 0;
        for number in numbers() {
            assert!(number <= seen + 1, "{item}: {number} came after {seen}");
            seen = seen.max(number);
        }
        Ok(())
    }

    async fn nothing_waits(&self, store: &Store) -> anyhow::Result<()> {
        let relay = Relay::new(store.clone(), self.memory.sink()?);
        wait::until(PATIENCE, async || relay.waiting().await.is_ok_and(|n| n == 0)).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_that_start_at_once_migrate_once() -> anyhow::Result<()> {
    let shared = Shared::open().await?;
    let stores = try_join_all((0..8).map(|_| shared.instance())).await?;
    // Applied twice, the insert would have failed.
    let rows = sqlx::query("SELECT name FROM migrations").fetch_all(stores[0].reader()).await?;
    assert_eq!(rows.len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_that_share_a_database_have_tables_of_their_own() -> anyhow::Result<()> {
    let shared = Shared::open().await?;
    shared.instance().await?;
    let other = Database::connect_as("order", &shared.url).await?;
    other.migrate(&[TABLES]).await?;
    sqlx::query("DELETE FROM counted").execute(other.reader()).await?;
    let left =
        sqlx::query("SELECT COUNT(*) FROM counter.counted").fetch_one(other.reader()).await?;
    assert_eq!(left.try_get::<i64, _>(0)?, 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_and_each_key_is_sent_in_order_when_instances_meet() -> anyhow::Result<()>
{
    let shared = Shared::open().await?;
    let stores = try_join_all((0..3).map(|_| shared.instance())).await?;
    let mut relays = Vec::new();
    for store in &stores {
        relays.push(shared.relay(store).await?);
    }
    let counting = stores.iter().flat_map(|store| ["a", "b"].map(|item| (store, item)));
    let counting = counting.map(async |(store, item)| {
        for _ in 0..40 {
            shared.count(store, item).await?;
        }
        Ok::<_, Failure>(())
    });
    let dying = async {
        wait::until(PATIENCE, async || shared.sent().values().flatten().count() > 60).await?;
        relays[0].abort();
        anyhow::Ok(())
    };
    let (counted, died) = tokio::join!(try_join_all(counting), dying);
    counted?;
    died?;
    for item in ["a", "b"] {
        shared.all_sent(item, 120).await?;
    }
    shared.nothing_waits(&stores[1]).await
}

struct CountAsked;

impl Transactional for CountAsked {
    type Event = Asked;
    type Context = ();

    async fn handle(asked: &Received<Asked>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        count(tx, "c").await?;
        if asked.mood == "bad" { Err(Failure::reject("bad mood")) } else { Ok(()) }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn batches_of_instances_that_meet_are_no_fault_of_their_records() -> anyhow::Result<()> {
    let shared = Shared::open().await?;
    let mut members = Vec::new();
    for _ in 0..3 {
        let store = shared.instance().await?;
        let mut metrics = prometheus_client::registry::Registry::default();
        let runtime =
            Runtime::new(shared.memory.clone(), shared.schemas.clone(), "test", &mut metrics)?;
        let token = CancellationToken::new();
        let group = pipeline::Group::new("counters", &runtime)
            .settings(quick())
            .transactional(store, ())
            .on::<CountAsked>();
        let until = token.clone();
        members.push((token, tokio::spawn(async move { group.run(until).await }), metrics));
    }
    let emitter = Emitter::new("test", shared.schemas.clone());
    for number in 0..300 {
        let mood = if number % 50 == 0 { "bad" } else { "fine" };
        let asked = Asked { key: format!("k{}", number % 30), number, mood: mood.into() };
        let record = emitter.record(&asked, &Cause::default())?.1;
        shared.memory.broker().send(vec![record]).await?;
    }
    wait::until(PATIENCE, async || shared.memory.broker().lag("counters", "asked") == 0).await?;
    for (token, group, metrics) in members {
        stop(&token, group).await?;
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &metrics)?;
        let tried_again = text.lines().find(|l| l.contains("\"retried\"") && !l.ends_with(" 0"));
        assert_eq!(tried_again, None);
    }
    let store = shared.instance().await?;
    let counted = sqlx::query("SELECT number FROM counted WHERE item = 'c'");
    assert_eq!(counted.fetch_one(store.reader()).await?.try_get::<i64, _>(0)?, 294);
    assert_eq!(shared.memory.broker().records("dead-letter.counters").len(), 6);
    Ok(())
}

/// Stands still before it first sends, with the thread it is on, until it is told to go on: as a stopped
/// process does.
struct StandsStill {
    inner: Arc<dyn Sink>,
    stands: Arc<AtomicBool>,
    go_on: Mutex<Receiver<()>>,
}

impl Sink for StandsStill {
    fn send(&self, records: Vec<Outgoing>) -> BoxFuture<'_, Result<(), SendError>> {
        async move {
            if !self.stands.swap(true, Ordering::SeqCst) {
                // Nobody holds the other end any more where the test has failed.
                let _ = self.go_on.lock().unwrap().recv();
            }
            self.inner.send(records).await
        }
        .boxed()
    }
}

/// Runs on a thread and a runtime of its own, of which nothing else goes on while it stands still.
fn apart<F: Future<Output = anyhow::Result<()>>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> std::thread::JoinHandle<anyhow::Result<()>> {
    std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(work())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_stands_still_loses_its_turn_and_does_no_harm_when_it_goes_on()
-> anyhow::Result<()> {
    let shared = Arc::new(Shared::open().await?);
    let store = shared.instance().await?;
    for _ in 0..5 {
        shared.count(&store, "a").await?;
    }
    let (stands, (go_on, told)) = (Arc::<AtomicBool>::default(), channel());
    let sink = StandsStill {
        inner: shared.memory.sink()?,
        stands: stands.clone(),
        go_on: Mutex::new(told),
    };
    let end = CancellationToken::new();
    let (until, other) = (end.clone(), shared.clone());
    let thread = apart(move || async move {
        Relay::new(other.instance().await?, Arc::new(sink)).run(until).await;
        Ok(())
    });
    wait::until(PATIENCE, async || stands.load(Ordering::SeqCst)).await?;
    let _relay = shared.relay(&store).await?;
    for _ in 0..5 {
        shared.count(&store, "a").await?;
    }
    shared.all_sent("a", 10).await.context("the others wait until it goes on")?;

    go_on.send(())?;
    let late = async || shared.sent()["a"].iter().filter(|n| **n == 1).count() == 2;
    wait::until(PATIENCE, late).await.context("it does not go on")?;
    for _ in 0..5 {
        shared.count(&store, "a").await?;
    }
    shared.all_sent("a", 15).await?;
    shared.nothing_waits(&store).await?;
    end.cancel();
    thread.join().map_err(|_| anyhow::anyhow!("the thread panicked"))?
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_writer_that_stands_still_are_free_again_and_its_work_is_undone()
-> anyhow::Result<()> {
    let shared = Arc::new(Shared::open().await?);
    let store = shared.instance().await?;
    let (other, holds) = (shared.clone(), Arc::new(AtomicBool::new(false)));
    let (flag, (go_on, told)) = (holds.clone(), channel::<()>());
    let told = Arc::new(Mutex::new(told));
    let thread = apart(move || async move {
        let frozen = other.instance().await?;
        let written: Result<(), Failure> = frozen
            .write(Cause::default(), |tx| {
                let (flag, told) = (flag.clone(), told.clone());
                async move {
                    count(tx, "a").await?;
                    flag.store(true, Ordering::SeqCst);
                    let _ = told.lock().unwrap().recv();
                    Ok(())
                }
                .boxed()
            })
            .await;
        anyhow::ensure!(matches!(written, Err(Failure::Unavailable(_))), "{written:?}");
        Ok(())
    });
    wait::until(PATIENCE, async || holds.load(Ordering::SeqCst)).await?;
    let counted = tokio::time::timeout(PATIENCE, shared.count(&store, "a")).await;
    counted.context("it waits until the other goes on")??;
    go_on.send(())?;
    thread.join().map_err(|_| anyhow::anyhow!("the thread panicked"))??;
    let _relay = shared.relay(&store).await?;
    shared.all_sent("a", 1).await?;
    assert_eq!(shared.sent()["a"], [1]);
    Ok(())
}
