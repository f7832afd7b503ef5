//! A key is erased from its topic by a tombstone that leaves through the outbox.

use futures::FutureExt;
use pipeline::Cause;
use pipeline::transport::memory::Memory;

use crate::world::{Answered, World};
use shop_testkit::database::Kind;

shop_testkit::on_every_database!(
    a_tombstone_leaves_behind_what_was_emitted_before_it,
    a_tombstone_that_is_undone_does_not_leave,
);

/// Of each record on the topic its type and whether it has a payload.
fn sent(memory: &Memory) -> Vec<(String, bool)> {
    let kind = |headers: &[(String, Vec<u8>)]| {
        let (_, kind) = headers.iter().find(|(name, _)| name == "ce_type").expect("has a type");
        String::from_utf8_lossy(kind).into_owned()
    };
    let all = memory.broker().records("answered");
    all.iter().map(|r| (kind(&r.record.headers), r.record.payload.is_some())).collect()
}

async fn a_tombstone_leaves_behind_what_was_emitted_before_it(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let cause = Cause { correlation: Some("the story".into()), ..Cause::default() };
    let work = world.store.write(cause, |tx| {
        async move {
            tx.emit(&Answered { key: "a".into(), number: 1 }).map_err(pipeline::Failure::from)?;
            tx.erase::<Answered>("a");
            Ok::<_, pipeline::Failure>(())
        }
        .boxed()
    });
    work.await?;
    world.outbox_is_empty().await?;
    let expected = [("test.Answered".to_owned(), true), ("test.Tombstone".to_owned(), false)];
    assert_eq!(sent(&world.memory), expected);
    let records = world.memory.broker().records("answered");
    let tombstone = &records[1].record;
    assert_eq!(tombstone.key.as_deref(), Some(&b"a"[..]));
    let correlation = tombstone.headers.iter().find(|(name, _)| name == "ce_correlationid");
    assert_eq!(correlation.map(|(_, id)| &id[..]), Some(&b"the story"[..]));
    world.close().await
}

async fn a_tombstone_that_is_undone_does_not_leave(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let undone: Result<(), pipeline::Failure> = world
        .store
        .write(Cause::default(), |tx| {
            async move {
                tx.erase::<Answered>("a");
                Err(pipeline::Failure::reject("not so"))
            }
            .boxed()
        })
        .await;
    assert!(undone.is_err());
    world.outbox_is_empty().await?;
    assert_eq!(sent(&world.memory), []);
    world.close().await
}
