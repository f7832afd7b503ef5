//! SQLite has one writer at a time, and a commit waits for the disk. Who waits for his turn
//! therefore joins the transaction that is open, under a savepoint, and one commit is for all who
//! have joined it. A lone writer commits at once.
//!
//! *Nobody is answered before that commit*, neither who is done nor who has failed: what he saw may
//! have been written by one before him in the same transaction. Only the first has seen nothing
//! that was not committed, and fails at once.
//!
//! *Undone.* Some errors make SQLite undo the whole transaction, and sqlx cannot ask whether it is
//! still there. It is asked by words that go well in one that is, and in no other: the release of a
//! savepoint; or, for the first, who has none, a second `BEGIN`, which must be refused. Where it is
//! gone, nothing of it has happened, and each runs again alone ([`undone_by_another`]). So it is
//! when the commit is refused for what one of them wrote; when it fails for the disk, each is told.
//!
//! *A writer that goes away* in the middle of his work gives his turn back by being dropped. All
//! statements but his own are executed by one task that nobody drops.

use std::io;
use std::time::Duration;

use sqlx::any::Any;
use sqlx::{AnyConnection, AnyPool, Transaction};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::Company;
use super::turn::{End, Returned, Turn};
use crate::failure::is_outage;

#[cfg(test)]
mod tests;

/// How far a transaction is shared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// By how many.
    most: usize,
    /// For how long others join after the first is done.
    longest: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { most: 64, longest: Duration::from_millis(20) }
    }
}

/// The line in which writers wait for their turn.
#[derive(Clone)]
pub(super) struct Together {
    line: mpsc::UnboundedSender<Waiting>,
}

struct Waiting {
    company: Company,
    turn: oneshot::Sender<Result<Turn, sqlx::Error>>,
}

impl Together {
    /// Starts the task that gives the turns, which lives as long as somebody may ask for one.
    pub(super) fn start(pool: AnyPool, limits: Limits) -> Self {
        let (line, waiting) = mpsc::unbounded_channel();
        tokio::spawn(serve(pool, limits, waiting));
        Together { line }
    }

    /// Waits for the turn.
    pub(super) async fn turn(&self, company: Company) -> Result<Turn, sqlx::Error> {
        let (turn, mine) = oneshot::channel();
        self.line.send(Waiting { company, turn }).map_err(|_| sqlx::Error::PoolClosed)?;
        mine.await.map_err(|_| sqlx::Error::PoolClosed)?
    }
}

async fn serve(pool: AnyPool, limits: Limits, mut line: mpsc::UnboundedReceiver<Waiting>) {
    let mut next = None;
    loop {
        let first = match next.take() {
            Some(waiting) => waiting,
            None => match line.recv().await {
                Some(waiting) => waiting,
                None => return,
            },
        };
        next = one_transaction(&pool, limits, first, &mut line).await;
    }
}

/// From its first writer to its end. Returns who was taken from the line and begins the next one.
async fn one_transaction(
    pool: &AnyPool,
    limits: Limits,
    first: Waiting,
    line: &mut mpsc::UnboundedReceiver<Waiting>,
) -> Option<Waiting> {
    let most = if first.company == Company::Alone { 1 } else { limits.most };
    let mut open = Open::begin(pool, first).await?;
    let since = Instant::now();
    let mut next = None;
    while open.writers.len() < most && since.elapsed() < limits.longest {
        let Ok(another) = line.try_recv() else { break };
        if another.turn.is_closed() {
            continue;
        }
        if another.company != Company::Beside {
            next = Some(another);
            break;
        }
        if open.savepoint().await.is_err() {
            undone(open.writers);
            return Some(another);
        }
        open = open.join(another).await?;
    }
    open.commit().await;
    next
}

/// A transaction, and those who have had their turn in it and wait for its end.
struct Open {
    tx: Transaction<'static, Any>,
    writers: Vec<End>,
}

/// The transaction is not there any more.
struct Lost;

impl Open {
    /// The first needs no savepoint: where he fails, there is nothing else to be kept.
    async fn begin(pool: &AnyPool, first: Waiting) -> Option<Self> {
        if first.turn.is_closed() {
            return None;
        }
        let tx = match pool.begin_with("BEGIN IMMEDIATE").await {
            Ok(tx) => tx,
            Err(error) => {
                let _ = first.turn.send(Err(error));
                return None;
            }
        };
        let Returned { tx, end } = give(tx, first).await?;
        match end {
            Some(end) if end.kept => Some(Open { tx, writers: vec![end] }),
            end => {
                let undone = tx.rollback().await;
                if let Some(end) = end {
                    let _ = end.told.send(undone);
                }
                None
            }
        }
    }

    async fn savepoint(&mut self) -> Result<(), Lost> {
        let first_has_lost_it = self.writers.len() == 1 && !is_open(&mut self.tx).await;
        if first_has_lost_it { Err(Lost) } else { say(&mut self.tx, "SAVEPOINT writer").await }
    }

    /// The turn of another, in the savepoint; nothing is left where the transaction is lost.
    async fn join(mut self, another: Waiting) -> Option<Self> {
        let Some(Returned { mut tx, end }) = give(self.tx, another).await else {
            undone(self.writers);
            return None;
        };
        let kept = end.as_ref().is_some_and(|end| end.kept);
        self.writers.extend(end);
        let ended = if kept { release(&mut tx).await } else { undo(&mut tx).await };
        self.tx = tx;
        if ended.is_err() {
            undone(self.writers);
            return None;
        }
        Some(self)
    }

    async fn commit(self) {
        match self.tx.commit().await {
            Ok(()) => self.writers.into_iter().for_each(End::tell_committed),
            Err(error) => refused(self.writers, error),
        }
    }
}

/// Tells them that the commit was refused.
fn refused(mut writers: Vec<End>, error: sqlx::Error) {
    if writers.len() == 1 {
        writers.remove(0).tell_undone(error);
    } else if is_outage(&error) {
        let (kept, failed) = writers.into_iter().partition(|end| end.kept);
        undone(failed);
        for end in kept as Vec<End> {
            end.tell_undone(sqlx::Error::Io(io::Error::other(error.to_string())));
        }
    } else {
        undone(writers);
    }
}

/// Gives the turn and waits until it is given back, as who has gone away does at once.
async fn give(tx: Transaction<'static, Any>, to: Waiting) -> Option<Returned> {
    let (back, returned) = oneshot::channel();
    let _ = to.turn.send(Ok(Turn::new(tx, back)));
    returned.await.ok()
}

async fn release(conn: &mut AnyConnection) -> Result<(), Lost> {
    say(conn, "RELEASE SAVEPOINT writer").await
}

async fn undo(conn: &mut AnyConnection) -> Result<(), Lost> {
    say(conn, "ROLLBACK TO SAVEPOINT writer").await?;
    release(conn).await
}

async fn say(conn: &mut AnyConnection, words: &'static str) -> Result<(), Lost> {
    sqlx::query(words).execute(conn).await.map(drop).map_err(|_| Lost)
}

/// Whether there is a transaction, in which another cannot begin. One that has begun all the same
/// ends with the connection's `Transaction`.
pub(super) async fn is_open(conn: &mut AnyConnection) -> bool {
    match sqlx::query("BEGIN").execute(conn).await {
        Err(sqlx::Error::Database(refused)) => refused.code().as_deref() == Some("1"),
        _ => false,
    }
}

/// Tells them that nothing of theirs has happened, and that it is not known to be their fault.
fn undone(writers: Vec<End>) {
    for end in writers {
        end.tell_undone(sqlx::Error::Io(io::Error::other(Undone)));
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the transaction was undone with all who shared it")]
struct Undone;

/// Whether this is told to one whose transaction was undone with all who shared it.
pub(super) fn undone_by_another(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.get_ref().is_some_and(|inner| inner.is::<Undone>()),
        _ => false,
    }
}
