//! Effects, emitted events and the mark "handled" are one transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pipeline::{Failure, Received, Transactional, Tx};
use tokio_util::sync::CancellationToken;

use crate::world::{Answered, Asked, World, patient, stop};
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    a_record_delivered_twice_changes_nothing_the_second_time,
    what_a_rejected_record_did_is_undone_and_its_neighbours_are_kept,
    successors_of_a_retried_record_wait_behind_it_in_the_batch_and_after,
    a_crash_between_the_transaction_and_the_commit_repeats_nothing,
    what_is_sent_again_after_a_lost_acknowledgement_has_the_same_id,
);

struct Note;

#[derive(Clone, Default)]
struct App {
    healed: Arc<AtomicBool>,
}

impl Transactional for Note {
    type Event = Asked;
    type Context = App;

    async fn handle(asked: &Received<Asked>, tx: &mut Tx, app: &App) -> Result<(), Failure> {
        sqlx::query("INSERT INTO noted (item, number) VALUES ($1, $2)")
            .bind(&asked.key)
            .bind(asked.number)
            .execute(tx.conn())
            .await?;
        tx.emit(&Answered { key: asked.key.clone(), number: asked.number })?;
        match asked.mood.as_str() {
            "bad" => Err(Failure::reject("bad mood")),
            "ill" if !app.healed.load(Ordering::Relaxed) => Err(Failure::retry("still ill")),
            _ => Ok(()),
        }
    }
}

fn start(world: &World, app: &App) -> anyhow::Result<(CancellationToken, crate::world::Group)> {
    let token = CancellationToken::new();
    let group = pipeline::Group::new("notes", &world.runtime()?)
        .settings(patient())
        .transactional(world.store.clone(), app.clone())
        .on::<Note>();
    let stop = token.clone();
    Ok((token, tokio::spawn(async move { group.run(stop).await })))
}

async fn a_record_delivered_twice_changes_nothing_the_second_time(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let record = world.record("a", 1, "fine")?;
    world.send(vec![record.clone(), record.clone()]).await?;
    let (token, group) = start(&world, &App::default())?;
    world.all_committed("notes").await?;
    world.send(vec![record]).await?;
    world.all_committed("notes").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    assert_eq!(world.noted().await?, [("a".to_owned(), 1)]);
    assert_eq!(world.answered()["a"].len(), 1);
    world.close().await
}

async fn what_a_rejected_record_did_is_undone_and_its_neighbours_are_kept(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let moods = [("a", 1, "fine"), ("b", 2, "bad"), ("b", 3, "fine")];
    for (key, number, mood) in moods {
        world.send(vec![world.record(key, number, mood)?]).await?;
    }
    let (token, group) = start(&world, &App::default())?;
    world.all_committed("notes").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    assert_eq!(world.noted().await?, [("a".to_owned(), 1), ("b".to_owned(), 3)]);
    assert_eq!(world.answered()["b"].len(), 1);
    assert_eq!(world.memory.broker().records("dead-letter.notes").len(), 1);
    world.close().await
}

async fn successors_of_a_retried_record_wait_behind_it_in_the_batch_and_after(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let app = App::default();
    for number in 1..=5 {
        let mood = if number == 2 { "ill" } else { "fine" };
        world
            .send(vec![world.record("a", number, mood)?, world.record("b", number, "fine")?])
            .await?;
    }
    let (token, group) = start(&world, &app)?;
    shop_testkit::wait::until(crate::world::PATIENCE, async || {
        world.answered().get("b").is_some_and(|b| b.len() == 5)
    })
    .await?;
    app.healed.store(true, Ordering::Relaxed);
    world.all_committed("notes").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    let numbers = |key: &str| world.answered()[key].iter().map(|(n, _)| *n).collect::<Vec<_>>();
    assert_eq!(numbers("a"), [1, 2, 3, 4, 5]);
    assert_eq!(numbers("b"), [1, 2, 3, 4, 5]);
    assert!(world.memory.broker().records("dead-letter.notes").is_empty());
    world.close().await
}

async fn a_crash_between_the_transaction_and_the_commit_repeats_nothing(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    world.memory.broker().refuse_commits(u32::MAX);
    for number in 1..=20 {
        world.send(vec![world.record(&format!("k{}", number % 4), number, "fine")?]).await?;
    }
    let (_token, group) = start(&world, &App::default())?;
    shop_testkit::wait::until(crate::world::PATIENCE, async || {
        world.noted().await.is_ok_and(|n| n.len() == 20)
    })
    .await?;
    group.abort();
    let _ = group.await;
    assert!(world.memory.broker().committed("notes", "asked").is_empty());
    world.memory.broker().refuse_commits(0);
    let (token, group) = start(&world, &App::default())?;
    world.all_committed("notes").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    assert_eq!(world.noted().await?.len(), 20);
    assert_eq!(world.answered().values().map(Vec::len).sum::<usize>(), 20);
    world.close().await
}

async fn what_is_sent_again_after_a_lost_acknowledgement_has_the_same_id(
    on: Kind,
) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    world.send((1..=6).map(|n| world.record("a", n, "fine")).collect::<Result<_, _>>()?).await?;
    world.memory.broker().lose_acknowledgements(1);
    let (token, group) = start(&world, &App::default())?;
    world.all_committed("notes").await?;
    world.outbox_is_empty().await?;
    stop(&token, group).await?;
    let answers = world.answered().remove("a").unwrap_or_default();
    assert!(answers.len() > 6, "the first send was repeated");
    let mut ids: Vec<&String> = answers.iter().map(|(_, id)| id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 6);
    world.close().await
}
