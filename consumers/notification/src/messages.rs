//! What a user was told by push, for their open pages: the latest, in the order of its numbers.

use sqlx::{Any, AnyConnection, Executor, Row};
use uuid::Uuid;

/// So many of a user are kept.
const KEPT: i64 = 100;

/// A message as a page gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// Counts the messages of this user, from 1.
    pub(crate) number: i64,
    pub(crate) template: String,
    /// JSON.
    pub(crate) body: String,
}

/// Keeps a message of a user who is known; one that is there stays as it is. Says since
/// when it is kept; nothing where there is no such user: what is kept of one who was erased meanwhile
/// would stay for good.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    user_id: Uuid,
    message_id: Uuid,
    message: (&str, &str),
    at_micros: i64,
) -> Result<Option<i64>, sqlx::Error> {
    let (user, id, (template, body)) = (user_id.to_string(), message_id.to_string(), message);
    if !is_known(conn, &user).await? {
        return Ok(None);
    }
    let there = sqlx::query("SELECT at_micros FROM messages WHERE message_id = $1").bind(&id);
    if let Some(row) = there.fetch_optional(&mut *conn).await? {
        return Ok(Some(row.try_get(0)?));
    }
    let last = sqlx::query("SELECT COALESCE(MAX(number), 0) FROM messages WHERE user_id = $1");
    let number: i64 = last.bind(&user).fetch_one(&mut *conn).await?.try_get(0)?;
    sqlx::query(
        "INSERT INTO messages (user_id, number, message_id, template, body, at_micros)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&user)
    .bind(number + 1)
    .bind(&id)
    .bind(template)
    .bind(body)
    .bind(at_micros)
    .execute(&mut *conn)
    .await?;
    let old = sqlx::query("DELETE FROM messages WHERE user_id = $1 AND number <= $2");
    old.bind(&user).bind(number + 1 - KEPT).execute(conn).await?;
    Ok(Some(at_micros))
}

/// Writes the user's row, as whoever erases the user does: of two at once one is undone.
async fn is_known(conn: &mut AnyConnection, user: &str) -> Result<bool, sqlx::Error> {
    let touched = sqlx::query("UPDATE people SET version = version WHERE user_id = $1");
    Ok(touched.bind(user).execute(conn).await?.rows_affected() > 0)
}

/// The messages of a user after this number.
pub(crate) async fn after(
    reader: impl Executor<'_, Database = Any>,
    user_id: Uuid,
    number: i64,
) -> Result<Vec<Kept>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT number, template, body FROM messages WHERE user_id = $1 AND number > $2
         ORDER BY number",
    )
    .bind(user_id.to_string())
    .bind(number)
    .fetch_all(reader)
    .await?;
    rows.iter()
        .map(|row| {
            let (number, template, body) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            Ok(Kept { number, template, body })
        })
        .collect()
}

/// The number of a user's last message; 0 where there is none.
pub(crate) async fn last(
    reader: impl Executor<'_, Database = Any>,
    user_id: Uuid,
) -> Result<i64, sqlx::Error> {
    let last = sqlx::query("SELECT COALESCE(MAX(number), 0) FROM messages WHERE user_id = $1");
    last.bind(user_id.to_string()).fetch_one(reader).await?.try_get(0)
}

/// The endpoints that have a message already while others of its devices wait for it.
pub(crate) async fn sent(
    reader: impl Executor<'_, Database = Any>,
    message_id: Uuid,
) -> Result<Vec<String>, sqlx::Error> {
    let rows = sqlx::query("SELECT endpoint FROM sent WHERE message_id = $1");
    let rows = rows.bind(message_id.to_string()).fetch_all(reader).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}

/// Notes that an endpoint has a message, until [`all_sent`].
pub(crate) async fn note_sent(
    conn: &mut AnyConnection,
    user_id: Uuid,
    message_id: Uuid,
    endpoint: &str,
) -> Result<(), sqlx::Error> {
    let user = user_id.to_string();
    if is_known(conn, &user).await? {
        sqlx::query(
            "INSERT INTO sent (message_id, endpoint, user_id) VALUES ($1, $2, $3)
             ON CONFLICT (message_id, endpoint) DO NOTHING",
        )
        .bind(message_id.to_string())
        .bind(endpoint)
        .bind(user)
        .execute(conn)
        .await?;
    }
    Ok(())
}

/// No device waits for this message any more.
pub(crate) async fn all_sent(
    conn: &mut AnyConnection,
    message_id: Uuid,
) -> Result<(), sqlx::Error> {
    let erase = sqlx::query("DELETE FROM sent WHERE message_id = $1").bind(message_id.to_string());
    erase.execute(conn).await.map(|_| ())
}
