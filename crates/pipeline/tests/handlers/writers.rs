//! Writers at the same time: each one's work happens as a whole or not at all, whatever becomes of
//! the others.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::join_all;
use pipeline::{Cause, Failure, Store, Tx};
use shop_testkit::database::Kind;
use shop_testkit::wait;
use tokio::sync::oneshot;

use crate::world::{Answered, PATIENCE, World};

shop_testkit::on_every_database!(
    who_fails_is_undone_alone,
    who_panics_is_undone_alone,
    who_goes_away_at_any_moment_leaves_all_or_nothing,
    readers_see_nothing_of_work_that_goes_on,
);

async fn note(tx: &mut Tx, item: &str, number: i64) -> Result<(), Failure> {
    sqlx::query("INSERT INTO noted (item, number) VALUES ($1, $2)")
        .bind(item.to_owned())
        .bind(number)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Two rows and an event.
async fn tell(tx: &mut Tx, item: &str) -> Result<(), Failure> {
    note(tx, item, 1).await?;
    tx.emit(&Answered { key: item.to_owned(), number: 1 })?;
    note(tx, item, 2).await
}

async fn write(store: &Store, item: &str) -> Result<(), Failure> {
    store.write(Cause::default(), |tx| tell(tx, item).boxed()).await
}

async fn write_and_fail(store: &Store, item: &str) -> Result<(), Failure> {
    let work = store.write(Cause::default(), |tx| {
        async move {
            tell(tx, item).await?;
            Err(Failure::reject("no"))
        }
        .boxed()
    });
    work.await
}

/// Checks that of each of these there is all, and of nobody else anything.
async fn only_these_have_written(world: &World, mut items: Vec<String>) -> anyhow::Result<()> {
    world.outbox_is_empty().await?;
    items.sort();
    let rows: Vec<_> =
        items.iter().flat_map(|item| [(item.clone(), 1), (item.clone(), 2)]).collect();
    assert_eq!(world.noted().await?, rows);
    let answered = world.answered();
    let mut told: Vec<_> = answered.keys().cloned().collect();
    told.sort();
    assert_eq!(told, items);
    assert!(answered.values().all(|events| events.len() == 1), "{answered:?}");
    Ok(())
}

async fn who_fails_is_undone_alone(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let store = &world.store;
    let written = join_all((0..100).map(async |n| {
        let item = format!("{n:03}");
        match n % 3 {
            0 => write_and_fail(store, &item).await,
            _ => write(store, &item).await,
        }
    }));
    for (n, written) in written.await.into_iter().enumerate() {
        let expected = if n % 3 == 0 { Err(Failure::reject("no")) } else { Ok(()) };
        assert_eq!(written, expected, "{n}");
    }
    let kept = (0..100).filter(|n| n % 3 != 0).map(|n| format!("{n:03}")).collect();
    only_these_have_written(&world, kept).await?;
    world.close().await
}

async fn who_panics_is_undone_alone(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let writing = (0..12).map(|n| {
        let store = world.store.clone();
        tokio::spawn(async move {
            let panics = n % 4 == 1;
            let item = format!("{n:02}");
            let work = store.write(Cause::default(), |tx| {
                let item = &item;
                async move {
                    tell(tx, item).await?;
                    assert!(!panics, "this one panics");
                    Ok::<_, Failure>(())
                }
                .boxed()
            });
            work.await
        })
    });
    for (n, written) in join_all(writing).await.into_iter().enumerate() {
        match written {
            Ok(written) => written?,
            Err(error) => assert!(error.is_panic() && n % 4 == 1, "{error}"),
        }
    }
    let kept = (0..12).filter(|n| n % 4 != 1).map(|n| format!("{n:02}")).collect();
    only_these_have_written(&world, kept).await?;
    world.close().await
}

/// Goes away after so many looks at it.
struct Impatient<F> {
    inner: Option<F>,
    looks: usize,
}

impl<F: Future + Unpin> Future for Impatient<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(looks) = self.looks.checked_sub(1) else {
            self.inner = None;
            return Poll::Ready(None);
        };
        self.looks = looks;
        let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
        let polled = inner.poll_unpin(cx).map(Some);
        if polled.is_pending() && looks == 0 {
            self.inner = None;
            return Poll::Ready(None);
        }
        polled
    }
}

async fn who_goes_away_at_any_moment_leaves_all_or_nothing(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let store = &world.store;
    let mut kept = Vec::new();
    // Alone, as the first, in the middle and as the last.
    for (before, after) in [(0, 0), (0, 2), (1, 1), (2, 0)] {
        for looks in 1.. {
            let name = |who: &str, n| format!("{before}{after} {looks:03} {who}{n}");
            let others = async |who, many| {
                let names: Vec<_> = (0..many).map(|n| name(who, n)).collect();
                let written = join_all(names.iter().map(|item| write(store, item))).await;
                written.into_iter().collect::<Result<Vec<_>, _>>().map(|_| names)
            };
            let it = name("it", 0);
            let inner = Some(Box::pin(write(store, &it)));
            let (first, ended, last) = tokio::join!(
                others("before", before),
                Impatient { inner, looks },
                others("after", after),
            );
            kept.extend(first?);
            kept.extend(last?);
            if let Some(ended) = ended {
                ended?;
                kept.push(it);
                break;
            }
        }
    }
    // A commit that was asked for goes on when nobody waits for it any more.
    let all_or_nothing = async || {
        let Ok(noted) = world.noted().await else { return false };
        let mut told: Vec<_> = world.answered().into_keys().collect();
        told.sort();
        let rows = told.iter().flat_map(|item| [(item.clone(), 1), (item.clone(), 2)]);
        rows.eq(noted) && kept.iter().all(|item| told.contains(item))
    };
    wait::until(PATIENCE, all_or_nothing).await?;
    world.close().await
}

async fn readers_see_nothing_of_work_that_goes_on(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await?;
    let (wrote, has_written) = oneshot::channel();
    let (go_on, may_go_on) = oneshot::channel::<()>();
    let mut gates = Some((wrote, may_go_on));
    let work = world.store.write(Cause::default(), |tx| {
        let gates = gates.take();
        async move {
            tell(tx, "a").await?;
            if let Some((wrote, may_go_on)) = gates {
                let _ = wrote.send(());
                let _ = may_go_on.await;
            }
            Ok::<_, Failure>(())
        }
        .boxed()
    });
    let looking = async {
        has_written.await?;
        assert_eq!(world.noted().await?, []);
        let _ = go_on.send(());
        anyhow::Ok(())
    };
    let (written, looked) = tokio::join!(work, looking);
    written?;
    looked?;
    only_these_have_written(&world, vec!["a".to_owned()]).await?;
    world.close().await
}

/// One who needs more room than there is: SQLite undoes all that is in the transaction.
async fn write_too_much(store: &Store) -> Result<(), Failure> {
    let work = store.write(Cause::default(), |tx| {
        async move {
            tell(tx, "too much").await?;
            // As few as there are.
            sqlx::query("PRAGMA max_page_count = 1").execute(tx.conn()).await?;
            note(tx, &"much".repeat(100_000), 3).await
        }
        .boxed()
    });
    work.await
}

#[tokio::test]
async fn a_disk_without_room_for_one_is_an_outage_for_him_and_the_others_are_kept()
-> anyhow::Result<()> {
    let world = World::open(Kind::Sqlite).await?;
    let store = &world.store;
    let written = join_all((0..20).map(async |n| match n % 4 {
        1 => write_too_much(store).await,
        _ => write(store, &format!("{n:02}")).await,
    }));
    for (n, written) in written.await.into_iter().enumerate() {
        let outage = matches!(written, Err(Failure::Unavailable(_)));
        assert!(if n % 4 == 1 { outage } else { written.is_ok() }, "{n}: {written:?}");
    }
    let kept = (0..20).filter(|n| n % 4 != 1).map(|n| format!("{n:02}")).collect();
    only_these_have_written(&world, kept).await?;
    world.close().await
}

#[tokio::test]
async fn who_passes_over_an_error_that_undoes_all_is_told_and_his_events_do_not_leave()
-> anyhow::Result<()> {
    let world = World::open(Kind::Sqlite).await?;
    sqlx::raw_sql(
        "CREATE TRIGGER undoes BEFORE INSERT ON noted WHEN NEW.item = 'all' \
         BEGIN SELECT RAISE(ROLLBACK, 'all is undone'); END",
    )
    .execute(world.store.reader())
    .await?;
    let store = &world.store;
    let written = join_all((0..20).map(async |n| {
        let passes_over = n % 4 == 1;
        let item = &format!("{n:02}");
        let work = store.write(Cause::default(), |tx| {
            async move {
                tell(tx, item).await?;
                if passes_over {
                    note(tx, "all", 3).await.expect_err("undoes all");
                }
                Ok::<_, Failure>(())
            }
            .boxed()
        });
        work.await
    }));
    for (n, written) in written.await.into_iter().enumerate() {
        assert_eq!(written.is_err(), n % 4 == 1, "{n}: {written:?}");
    }
    let kept = (0..20).filter(|n| n % 4 != 1).map(|n| format!("{n:02}")).collect();
    only_these_have_written(&world, kept).await?;
    world.close().await
}
