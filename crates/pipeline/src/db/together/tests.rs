//! Writers by turns, step by step.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::poll;
use sqlx::{AnyPool, Row};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::time::timeout;

use super::*;
use crate::db::{Database, Migration};

/// A turn that nobody gives back would be waited for without end.
const PATIENCE: Duration = Duration::from_secs(30);

/// However slow the machine is.
const FOR_LONG: Limits = Limits { most: 64, longest: Duration::from_secs(3_600) };

const TABLES: Migration = Migration {
    name: "test/0001",
    sql: "CREATE TABLE noted (item TEXT PRIMARY KEY);\n
          CREATE TABLE about (item TEXT REFERENCES noted (item) DEFERRABLE INITIALLY DEFERRED);\n",
};

struct File {
    together: Together,
    pool: AnyPool,
    _folder: TempDir,
}

impl File {
    async fn open(limits: Limits) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("test.db").display());
        let database = Database::connect(&url).await?;
        database.migrate(&[TABLES]).await?;
        // SQL that sqlx has not seen: `END` is what a trigger ends with.
        sqlx::raw_sql(
            "CREATE TRIGGER undoes BEFORE INSERT ON noted WHEN NEW.item = 'all' \
             BEGIN SELECT RAISE(ROLLBACK, 'all is undone'); END",
        )
        .execute(database.reader())
        .await?;
        let pool = database.reader().clone();
        Ok(File { together: Together::start(pool.clone(), limits), pool, _folder: folder })
    }

    async fn noted(&self) -> anyhow::Result<Vec<String>> {
        let rows =
            sqlx::query("SELECT item FROM noted ORDER BY item").fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
    }
}

async fn note(turn: &mut Turn, item: &str) -> Result<(), sqlx::Error> {
    let note = sqlx::query("INSERT INTO noted (item) VALUES ($1)").bind(item.to_owned());
    note.execute(&mut ***turn).await.map(drop)
}

/// A row that has no other it is about, which is found at the commit.
async fn note_about_nothing(turn: &mut Turn) -> Result<(), sqlx::Error> {
    let about = sqlx::query("INSERT INTO about (item) VALUES ('nothing')");
    about.execute(&mut ***turn).await.map(drop)
}

macro_rules! is_waiting {
    ($($future:expr),* $(,)?) => {
        $(assert!(poll!($future.as_mut()).is_pending(), stringify!($future));)*
    };
}

#[tokio::test]
async fn who_waits_joins_and_nobody_is_told_or_read_before_the_commit() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let mut a = file.together.turn(Company::Beside).await?;
    note(&mut a, "a").await?;
    let mut b = pin!(file.together.turn(Company::Beside));
    let mut c = pin!(file.together.turn(Company::Beside));
    is_waiting!(b, c);
    let mut a = pin!(a.end(true, None));
    is_waiting!(a);
    let mut b = b.await?;
    note(&mut b, "b").await?;
    let mut b = pin!(b.end(false, None));
    is_waiting!(b);
    let mut c = c.await?;
    note(&mut c, "c").await?;
    assert_eq!(file.noted().await?, Vec::<String>::new());
    is_waiting!(a, b);
    c.end(true, None).await?;
    a.await?;
    b.await?;
    assert_eq!(file.noted().await?, ["a", "c"]);
    Ok(())
}

#[tokio::test]
async fn the_first_is_told_at_once_that_he_has_failed() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let mut a = file.together.turn(Company::Beside).await?;
    note(&mut a, "a").await?;
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(b);
    a.end(false, None).await?;
    let mut b = b.await?;
    note(&mut b, "b").await?;
    b.end(true, None).await?;
    assert_eq!(file.noted().await?, ["b"]);
    Ok(())
}

#[tokio::test]
async fn who_takes_long_joins_nobody_and_others_join_him() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let a = file.together.turn(Company::Beside).await?;
    let mut long = pin!(file.together.turn(Company::Leading));
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(long, b);
    timeout(PATIENCE, a.end(true, None)).await??;
    let mut long = pin!(long.await?.end(true, None));
    is_waiting!(long);
    let b = b.await?;
    is_waiting!(long);
    b.end(true, None).await?;
    Ok(long.await?)
}

#[tokio::test]
async fn who_is_alone_joins_nobody_and_nobody_joins_him() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let a = file.together.turn(Company::Beside).await?;
    let mut alone = pin!(file.together.turn(Company::Alone));
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(alone, b);
    timeout(PATIENCE, a.end(true, None)).await??;
    timeout(PATIENCE, alone.await?.end(true, None)).await??;
    Ok(b.await?.end(true, None).await?)
}

#[tokio::test]
async fn only_so_many_share_a_transaction() -> anyhow::Result<()> {
    let file = File::open(Limits { most: 2, ..FOR_LONG }).await?;
    let a = file.together.turn(Company::Beside).await?;
    let mut b = pin!(file.together.turn(Company::Beside));
    let mut c = pin!(file.together.turn(Company::Beside));
    is_waiting!(b, c);
    let mut a = pin!(a.end(true, None));
    is_waiting!(a);
    let b = b.await?;
    is_waiting!(a);
    timeout(PATIENCE, b.end(true, None)).await??;
    a.await?;
    Ok(c.await?.end(true, None).await?)
}

#[tokio::test]
async fn who_is_done_does_not_wait_for_others_for_long() -> anyhow::Result<()> {
    let file = File::open(Limits { longest: Duration::ZERO, ..FOR_LONG }).await?;
    let a = file.together.turn(Company::Beside).await?;
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(b);
    timeout(PATIENCE, a.end(true, None)).await??;
    Ok(b.await?.end(true, None).await?)
}

#[tokio::test]
async fn a_writer_that_goes_away_is_undone_alone() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    for place in 0..3 {
        let first = file.together.turn(Company::Beside).await?;
        let mut others: Vec<_> =
            (0..2).map(|_| Box::pin(file.together.turn(Company::Beside))).collect();
        for other in &mut others {
            is_waiting!(other);
        }
        let (mut turn, mut others) = (first, others.into_iter());
        let mut ends = Vec::new();
        for number in 0..3 {
            note(&mut turn, &format!("{place}{number}")).await?;
            if number == place {
                drop(turn);
            } else {
                let mut end = Box::pin(turn.end(true, None));
                is_waiting!(end);
                ends.push(end);
            }
            let Some(other) = others.next() else { break };
            turn = other.await?;
        }
        futures::future::try_join_all(ends).await?;
    }
    assert_eq!(file.noted().await?, ["01", "02", "10", "12", "20", "21"]);
    Ok(())
}

#[tokio::test]
async fn who_goes_away_while_he_waits_is_passed_over() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let a = file.together.turn(Company::Beside).await?;
    let mut gone = Box::pin(file.together.turn(Company::Beside));
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(gone, b);
    drop(gone);
    let mut a = pin!(a.end(true, None));
    is_waiting!(a);
    let mut gone = Box::pin(file.together.turn(Company::Alone));
    is_waiting!(gone);
    let b = b.await?;
    drop(gone);
    b.end(true, None).await?;
    Ok(a.await?)
}

#[tokio::test]
async fn who_goes_away_while_he_waits_for_the_commit_is_committed_and_his_events_leave()
-> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    let relay = Arc::new(Notify::new());
    let mut a = file.together.turn(Company::Beside).await?;
    note(&mut a, "a").await?;
    let mut a = Box::pin(a.end(true, Some(relay.clone())));
    is_waiting!(a);
    drop(a);
    timeout(PATIENCE, relay.notified()).await?;
    assert_eq!(file.noted().await?, ["a"]);
    Ok(())
}

#[tokio::test]
async fn when_a_statement_undoes_all_each_of_them_is_told() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    // He may say that he has failed, pass over it, or go away.
    for says in [Some(false), Some(true), None] {
        let mut a = file.together.turn(Company::Beside).await?;
        note(&mut a, "a").await?;
        let mut b = pin!(file.together.turn(Company::Beside));
        let mut c = pin!(file.together.turn(Company::Beside));
        is_waiting!(b, c);
        let mut a = pin!(a.end(true, None));
        is_waiting!(a);
        let mut b = b.await?;
        note(&mut b, "all").await.expect_err("undoes all");
        let b = match says {
            Some(kept) => b.end(kept, None).await.err(),
            None => {
                drop(b);
                None
            }
        };
        assert_eq!(b.as_ref().map(undone_by_another), says.map(|_| true));
        assert!(a.await.is_err_and(|error| undone_by_another(&error)));
        // Whoever comes next begins another one.
        let mut c = c.await?;
        note(&mut c, "c").await?;
        c.end(false, None).await?;
        assert_eq!(file.noted().await?, Vec::<String>::new());
    }
    Ok(())
}

#[tokio::test]
async fn when_the_first_has_undone_all_and_passes_over_it_nobody_joins_him() -> anyhow::Result<()> {
    let file = File::open(FOR_LONG).await?;
    for waits in [false, true] {
        let mut a = file.together.turn(Company::Beside).await?;
        note(&mut a, "all").await.expect_err("undoes all");
        let mut b = pin!(file.together.turn(Company::Beside));
        if waits {
            is_waiting!(b);
        }
        let a = a.end(true, None).await.expect_err("is not committed");
        assert_eq!(undone_by_another(&a), waits, "{a}");
        let mut b = b.await?;
        note(&mut b, "b").await?;
        b.end(false, None).await?;
        assert_eq!(file.noted().await?, Vec::<String>::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_commit_that_is_refused_for_one_of_many_is_told_as_anothers_fault() -> anyhow::Result<()>
{
    let file = File::open(FOR_LONG).await?;
    let mut a = file.together.turn(Company::Beside).await?;
    note(&mut a, "a").await?;
    let mut b = pin!(file.together.turn(Company::Beside));
    is_waiting!(b);
    let mut a = pin!(a.end(true, None));
    is_waiting!(a);
    let mut b = b.await?;
    note_about_nothing(&mut b).await?;
    assert!(b.end(true, None).await.is_err_and(|error| undone_by_another(&error)));
    assert!(a.await.is_err_and(|error| undone_by_another(&error)));
    let mut b = file.together.turn(Company::Alone).await?;
    note_about_nothing(&mut b).await?;
    let refused = b.end(true, None).await.expect_err("is refused");
    assert!(refused.as_database_error().is_some_and(|e| e.is_foreign_key_violation()));
    assert_eq!(file.noted().await?, Vec::<String>::new());
    Ok(())
}

#[test]
fn a_commit_that_fails_for_the_disk_is_an_outage_for_all_who_are_done() {
    let end = |kept| {
        let (told, outcome) = oneshot::channel();
        (End { kept, wake: None, told }, outcome)
    };
    let (ends, mut outcomes): (Vec<_>, Vec<_>) = [true, false, true].map(end).into_iter().unzip();
    refused(ends, sqlx::Error::WorkerCrashed);
    let mut told = || {
        let error = outcomes.remove(0).try_recv().expect("is told").expect_err("is undone");
        (is_outage(&error), undone_by_another(&error))
    };
    assert_eq!([told(), told(), told()], [(true, false), (true, true), (true, false)]);
}
