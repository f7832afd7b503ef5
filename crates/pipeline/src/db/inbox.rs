//! The inbox: which records a consumer has handled, so that a second delivery changes nothing.

use sqlx::{AnyConnection, Row};

/// What the inbox knows of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inbox {
    /// Not seen before.
    New,
    /// An outside effect was begun and its end is not known.
    InDoubt,
    /// Handled.
    Done,
}

const INTENT: &str = "intent";
const DONE: &str = "done";

/// Marks the record as handled; false where it was already.
pub(crate) async fn mark_done(
    conn: &mut AnyConnection,
    consumer: &str,
    event_id: &str,
    at_micros: i64,
) -> Result<bool, sqlx::Error> {
    let marked = sqlx::query(
        "INSERT INTO inbox (consumer, event_id, state, at_micros) VALUES ($1, $2, $3, $4)
         ON CONFLICT (consumer, event_id) DO UPDATE SET state = excluded.state, at_micros = excluded.at_micros
         WHERE inbox.state <> excluded.state",
    )
    .bind(consumer)
    .bind(event_id)
    .bind(DONE)
    .bind(at_micros)
    .execute(conn)
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// Writes the intent of an outside effect and says what was known before.
pub(crate) async fn begin_effect(
    conn: &mut AnyConnection,
    consumer: &str,
    event_id: &str,
    at_micros: i64,
) -> Result<Inbox, sqlx::Error> {
    let known = sqlx::query("SELECT state FROM inbox WHERE consumer = $1 AND event_id = $2")
        .bind(consumer)
        .bind(event_id)
        .fetch_optional(&mut *conn)
        .await?;
    if let Some(row) = known {
        let done = row.try_get::<String, _>(0)? == DONE;
        return Ok(if done { Inbox::Done } else { Inbox::InDoubt });
    }
    sqlx::query("INSERT INTO inbox (consumer, event_id, state, at_micros) VALUES ($1, $2, $3, $4)")
        .bind(consumer)
        .bind(event_id)
        .bind(INTENT)
        .bind(at_micros)
        .execute(conn)
        .await?;
    Ok(Inbox::New)
}

/// Takes an intent back: the effect is known not to have happened.
pub(crate) async fn withdraw(
    conn: &mut AnyConnection,
    consumer: &str,
    event_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM inbox WHERE consumer = $1 AND event_id = $2 AND state = $3")
        .bind(consumer)
        .bind(event_id)
        .bind(INTENT)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Forgets marks older than `before_micros`: records that old are no longer in the topic.
pub(crate) async fn forget(
    conn: &mut AnyConnection,
    before_micros: i64,
) -> Result<u64, sqlx::Error> {
    sqlx::query("DELETE FROM inbox WHERE at_micros < $1 AND state = $2")
        .bind(before_micros)
        .bind(DONE)
        .execute(conn)
        .await
        .map(|done| done.rows_affected())
}
