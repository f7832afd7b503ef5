//! Outside effects: intent, call, receipt.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use pipeline::{Call, Effect, Emit, Failure, Received, Settings, Store};
use tokio::sync::Barrier;
use tokio_util::sync::CancellationToken;

use crate::world::{Answered, Asked, PATIENCE, World, quick, stop};
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    an_effect_is_performed_once_however_often_its_record_comes,
    an_effect_whose_receipt_is_missing_is_in_doubt_under_the_same_key,
    a_failed_effect_is_tried_again_and_is_not_in_doubt,
    no_effect_has_an_intent_before_it_is_its_turn,
    what_waits_for_its_turn_when_the_group_stops_is_not_in_doubt,
);

/// Each call: its number, its idempotency key, and whether it was in doubt.
type Calls = Arc<Mutex<Vec<(i64, String, bool)>>>;

#[derive(Clone, Default)]
struct Outside {
    calls: Calls,
    hang: bool,
}

struct Ring;

impl Effect for Ring {
    type Event = Asked;
    type Context = Outside;

    async fn perform(
        asked: &Received<Asked>,
        call: &Call,
        outside: &Outside,
    ) -> Result<Emit, Failure> {
        let entry = (asked.number, call.idempotency_key().to_owned(), call.in_doubt);
        let tries = {
            let mut calls = outside.calls.lock().unwrap();
            calls.push(entry);
            calls.iter().filter(|(n, ..)| *n == asked.number).count()
        };
        if outside.hang {
            std::future::pending::<()>().await;
        }
        if asked.mood == "ill" && tries < 3 {
            return Err(Failure::retry("nobody answers"));
        }
        Ok(Emit::none().and(&Answered { key: asked.key.clone(), number: asked.number }, call)?)
    }
}

fn start(
    world: &World,
    outside: &Outside,
) -> anyhow::Result<(CancellationToken, crate::world::Group)> {
    let token = CancellationToken::new();
    let group = pipeline::Group::new("bells", &world.runtime()?)
        .settings(quick())
        .effects(world.store.clone(), outside.clone())
        .on::<Ring>();
    let stop = token.clone();
    Ok((token, tokio::spawn(async move { group.run(stop).await })))
}

async fn an_effect_is_performed_once_however_often_its_record_comes(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let records: Vec<_> =
        (1..=30).map(|n| world.record(&format!("k{n}"), n, "fine")).collect::<Result<_, _>>()?;
    world.send(records.clone()).await?;
    world.send(records).await?;
    let outside = Outside::default();
    let (token, group) = start(&world, &outside)?;
    world.all_committed("bells").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    assert_eq!(outside.calls.lock().unwrap().len(), 30);
    assert_eq!(world.answered().len(), 30);
    world.close().await
}

async fn an_effect_whose_receipt_is_missing_is_in_doubt_under_the_same_key(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    world.send(vec![world.record("a", 1, "fine")?]).await?;
    let first = Outside { hang: true, ..Outside::default() };
    let (_token, group) = start(&world, &first)?;
    shop_testkit::wait::until(PATIENCE, async || !first.calls.lock().unwrap().is_empty()).await?;
    group.abort();
    let _ = group.await;
    let second = Outside::default();
    let (token, group) = start(&world, &second)?;
    world.all_committed("bells").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    let (before, after) =
        (first.calls.lock().unwrap().clone(), second.calls.lock().unwrap().clone());
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!(before[0].1, after[0].1);
    assert!(!before[0].2 && after[0].2);
    assert_eq!(world.answered()["a"].len(), 1);
    world.close().await
}

async fn a_failed_effect_is_tried_again_and_is_not_in_doubt(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    world.send(vec![world.record("a", 1, "ill")?, world.record("a", 2, "fine")?]).await?;
    let outside = Outside::default();
    let (token, group) = start(&world, &outside)?;
    world.all_committed("bells").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    let calls = outside.calls.lock().unwrap().clone();
    let numbers: Vec<i64> = calls.iter().map(|(n, ..)| *n).collect();
    assert_eq!(numbers, [1, 1, 1, 2]);
    assert!(calls.iter().all(|(_, _, in_doubt)| !in_doubt));
    world.close().await
}

/// Effects that hold something of which there are three.
const THREE: usize = 3;

#[derive(Clone)]
struct Scarce {
    store: Store,
    /// Intents without a receipt, as each effect finds them when three are under way.
    intents: Arc<Mutex<Vec<i64>>>,
    together: Arc<Barrier>,
}

struct RingOneOfThree;

impl Effect for RingOneOfThree {
    type Event = Asked;
    type Context = Scarce;

    async fn perform(_: &Received<Asked>, _: &Call, scarce: &Scarce) -> Result<Emit, Failure> {
        scarce.together.wait().await;
        let intents = intents(&scarce.store).await?;
        scarce.intents.lock().unwrap().push(intents);
        scarce.together.wait().await;
        Ok(Emit::none())
    }
}

async fn intents(store: &Store) -> Result<i64, sqlx::Error> {
    let count = sqlx::query_scalar("SELECT COUNT(*) FROM inbox WHERE state = 'intent'");
    count.fetch_one(store.reader()).await
}

async fn no_effect_has_an_intent_before_it_is_its_turn(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let records: Result<_, _> =
        (1..=51).map(|n| world.record(&format!("k{n}"), n, "fine")).collect();
    world.send(records?).await?;
    let scarce = Scarce {
        store: world.store.clone(),
        intents: Arc::default(),
        together: Arc::new(Barrier::new(THREE)),
    };
    let token = CancellationToken::new();
    let group = pipeline::Group::new("bells", &world.runtime()?)
        .settings(quick())
        .effects(world.store.clone(), scarce.clone())
        .at_once(THREE)
        .on::<RingOneOfThree>()
        .run(token.clone());
    let group = tokio::spawn(group);
    world.all_committed("bells").await?;
    stop(&token, group).await?;
    assert_eq!(*scarce.intents.lock().unwrap(), [THREE as i64; 51]);
    world.close().await
}

async fn what_waits_for_its_turn_when_the_group_stops_is_not_in_doubt(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let records: Result<_, _> =
        (1..=9).map(|n| world.record(&format!("k{n}"), n, "fine")).collect();
    world.send(records?).await?;
    let first = Outside { hang: true, ..Outside::default() };
    let token = CancellationToken::new();
    let settings = Settings { drain: Duration::ZERO, ..quick() };
    let group = pipeline::Group::new("bells", &world.runtime()?)
        .settings(settings)
        .effects(world.store.clone(), first.clone())
        .at_once(THREE)
        .on::<Ring>()
        .run(token.clone());
    let group = tokio::spawn(group);
    let calls = |outside: &Outside| outside.calls.lock().unwrap().clone();
    shop_testkit::wait::until(PATIENCE, async || calls(&first).len() == THREE).await?;
    stop(&token, group).await?;
    let begun: Vec<i64> = calls(&first).iter().map(|(number, ..)| *number).collect();
    assert_eq!((begun.len(), intents(&world.store).await?), (THREE, THREE as i64));
    let second = Outside::default();
    let (token, group) = start(&world, &second)?;
    world.all_committed("bells").await?;
    stop(&token, group).await?;
    assert_eq!(calls(&second).len(), 9);
    for (number, _, in_doubt) in calls(&second) {
        assert_eq!(in_doubt, begun.contains(&number), "{number}");
    }
    world.close().await
}
