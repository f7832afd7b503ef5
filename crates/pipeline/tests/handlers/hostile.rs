//! Records that nobody can read: dead-lettered once, with their bytes, while their neighbours go on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use pipeline::{Failure, Outgoing, Plain, Received};
use shop_testkit::database::Kind;
use tokio_util::sync::CancellationToken;

use crate::world::{Answered, Asked, World, quick, stop};

struct Log;

impl Plain for Log {
    type Event = Asked;
    type Context = Arc<Mutex<Vec<i64>>>;

    async fn handle(asked: &Received<Asked>, seen: &Self::Context) -> Result<(), Failure> {
        seen.lock().unwrap().push(asked.number);
        Ok(())
    }
}

/// The bytes of a good record, and what else can be made of them.
fn hostile(good: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut bad = vec![
        ("empty".to_owned(), vec![]),
        ("a wrong magic byte".to_owned(), [&[7], &good[1..]].concat()),
        ("an unknown schema".to_owned(), [&[0, 0, 0, 9, 9], &good[5..]].concat()),
        ("bytes left over".to_owned(), [good, &[0]].concat()),
        // A string that says it has 2^62 bytes.
        (
            "a huge length".to_owned(),
            [&good[..5], &[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]].concat(),
        ),
        ("a negative length".to_owned(), [&good[..5], &[1]].concat()),
    ];
    bad.extend((1..good.len()).map(|n| (format!("truncated to {n}"), good[..n].to_vec())));
    bad
}

#[tokio::test]
async fn an_unreadable_record_is_dead_lettered_once_and_its_neighbours_go_on() -> anyhow::Result<()>
{
    let world = World::open(Kind::Sqlite).await?;
    let good = world.record("k", 1, "a mood of some length")?;
    let bad = hostile(good.payload.as_deref().unwrap_or_default());
    let mut records = Vec::new();
    for (number, (_, bytes)) in bad.iter().enumerate() {
        let key = Some(format!("k{}", number % 5).into_bytes());
        records.push(Outgoing { key: key.clone(), payload: Some(bytes.clone()), ..good.clone() });
        let neighbour = world.record("k", i64::try_from(number)?, "fine")?;
        records.push(Outgoing { key, ..neighbour });
    }
    world.send(records).await?;
    let (seen, token) = (Arc::default(), CancellationToken::new());
    let group = pipeline::Group::new("log", &world.runtime()?)
        .settings(quick())
        .plain(Arc::clone(&seen))
        .on::<Log>();
    let stopped = token.clone();
    let group = tokio::spawn(async move { group.run(stopped).await });
    world.all_committed("log").await?;
    stop(&token, group).await?;
    assert_eq!(seen.lock().unwrap().len(), bad.len());
    let letters = world.memory.broker().records("dead-letter.log");
    let mut found: HashMap<Vec<u8>, usize> = HashMap::new();
    for letter in &letters {
        let class = letter.record.headers.iter().find(|(name, _)| name == "dl_class");
        assert_eq!(class.map(|(_, v)| v.as_slice()), Some(&b"undecodable"[..]));
        *found.entry(letter.record.payload.clone().unwrap_or_default()).or_default() += 1;
    }
    for (what, bytes) in &bad {
        assert_eq!(found.get(bytes), Some(&1), "{what}");
    }
    world.close().await
}

#[tokio::test]
async fn records_of_other_types_and_tombstones_are_passed_over() -> anyhow::Result<()> {
    let world = World::open(Kind::Sqlite).await?;
    let other = Answered { key: "k".into(), number: 9 };
    let other = world.store.emitter().record(&other, &pipeline::Cause::default())?.1;
    let tombstone = Outgoing {
        topic: "asked".into(),
        key: Some(b"k".to_vec()),
        payload: None,
        headers: vec![],
    };
    let records =
        vec![Outgoing { topic: "asked".into(), ..other }, tombstone, world.record("k", 1, "fine")?];
    world.send(records).await?;
    let (seen, token) = (Arc::default(), CancellationToken::new());
    let group = pipeline::Group::new("log", &world.runtime()?)
        .settings(quick())
        .plain(Arc::clone(&seen))
        .on::<Log>();
    let stopped = token.clone();
    let group = tokio::spawn(async move { group.run(stopped).await });
    world.all_committed("log").await?;
    stop(&token, group).await?;
    assert_eq!(*seen.lock().unwrap(), [1]);
    assert!(world.memory.broker().records("dead-letter.log").is_empty());
    world.close().await
}
