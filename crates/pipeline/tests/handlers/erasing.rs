//! A tombstone erases what a group keeps, in its turn among the records of its key.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures::FutureExt;
use pipeline::{
    Call, Cause, Effect, Emit, Erase, Failure, Group, Meta, Received, Transactional, Tx,
};
use tokio_util::sync::CancellationToken;

use crate::world::{Asked, World, quick, stop};
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    a_tombstone_erases_what_was_kept_of_its_key,
    a_group_with_effects_keeps_and_erases_too,
    a_record_that_is_to_wait_longer_is_not_tried_before,
);

/// Keeps what comes under a key.
struct Keep;

impl Transactional for Keep {
    type Event = Asked;
    type Context = ();

    async fn handle(asked: &Received<Asked>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        sqlx::query("INSERT INTO noted (item, number) VALUES ($1, $2)")
            .bind(&asked.key)
            .bind(asked.number)
            .execute(tx.conn())
            .await?;
        Ok(())
    }
}

struct Forget;

impl Erase for Forget {
    type Event = Asked;
    type Context = ();

    async fn erase(gone: &Meta, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        sqlx::query("DELETE FROM noted WHERE item = $1").bind(&gone.key).execute(tx.conn()).await?;
        Ok(())
    }
}

/// Two records of each key, a tombstone for one of them, and one more of it; all of it twice.
async fn fill(world: &World) -> anyhow::Result<()> {
    let erase = world.store.write(Cause::default(), |tx| {
        async move {
            for (key, number) in [("a", 1), ("b", 1), ("a", 2), ("b", 2)] {
                let mood = "fine".to_owned();
                tx.emit(&Asked { key: key.into(), number, mood }).map_err(Failure::from)?;
            }
            tx.erase::<Asked>("a");
            let mood = "fine".to_owned();
            tx.emit(&Asked { key: "a".into(), number: 3, mood }).map_err(Failure::from)?;
            Ok::<_, Failure>(())
        }
        .boxed()
    });
    erase.await?;
    world.outbox_is_empty().await?;
    let again = world.memory.broker().records("asked");
    world.send(again.iter().map(|stored| stored.record.clone()).collect()).await
}

const KEPT: [(&str, i64); 3] = [("a", 3), ("b", 1), ("b", 2)];

fn kept() -> Vec<(String, i64)> {
    KEPT.map(|(key, number)| (key.to_owned(), number)).into()
}

async fn a_tombstone_erases_what_was_kept_of_its_key(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    fill(&world).await?;
    let group = Group::new("keepers", &world.runtime()?).settings(quick());
    let group = group.transactional(world.store.clone(), ()).on::<Keep>().on_erased::<Forget>();
    let token = CancellationToken::new();
    let running = tokio::spawn(group.run(token.clone()));
    world.all_committed("keepers").await?;
    stop(&token, running).await?;
    assert_eq!(world.noted().await?, kept());
    world.close().await
}

async fn a_group_with_effects_keeps_and_erases_too(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    fill(&world).await?;
    let group = Group::new("bells", &world.runtime()?).settings(quick());
    let group = group.effects(world.store.clone(), ()).keep::<Keep>().on_erased::<Forget>();
    let token = CancellationToken::new();
    let running = tokio::spawn(group.run(token.clone()));
    world.all_committed("bells").await?;
    stop(&token, running).await?;
    assert_eq!(world.noted().await?, kept());
    world.close().await
}

/// Says when it may be asked again.
struct Busy;

/// Which try, and when.
type Tries = Arc<Mutex<Vec<(u32, Instant)>>>;

impl Effect for Busy {
    type Event = Asked;
    type Context = Tries;

    async fn perform(_: &Received<Asked>, call: &Call, asked: &Tries) -> Result<Emit, Failure> {
        let mut asked = asked.lock().expect("not poisoned");
        asked.push((call.tries, Instant::now()));
        if asked.len() == 1 {
            return Err(Failure::retry_after("busy", Duration::from_millis(700)));
        }
        Ok(Emit::none())
    }
}

async fn a_record_that_is_to_wait_longer_is_not_tried_before(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    world.send(vec![world.record("a", 1, "fine")?]).await?;
    let asked = Tries::default();
    let group = Group::new("bells", &world.runtime()?).settings(quick());
    let group = group.effects(world.store.clone(), asked.clone()).on::<Busy>();
    let token = CancellationToken::new();
    let running = tokio::spawn(group.run(token.clone()));
    world.all_committed("bells").await?;
    stop(&token, running).await?;
    let asked = asked.lock().expect("not poisoned").clone();
    assert_eq!((asked[0].0, asked[1].0, asked.len()), (0, 1, 2));
    assert!(asked[1].1 - asked[0].1 >= Duration::from_millis(700));
    world.close().await
}
