//! Sessions: each a family of refresh tokens, of which one is good at a time. What has ended is not
//! there any more.

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::id;
use crate::domain::RefreshToken;

/// Sessions of one user; who opens one more ends the one that was used the longest ago.
pub(crate) const MOST: i64 = 50;

/// A session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Family {
    pub(crate) family_id: Uuid,
    pub(crate) user_id: Uuid,
    /// The hash of the token that is good.
    pub(crate) token: String,
    /// When that token has been unused for too long.
    pub(crate) token_ends_at: i64,
    /// When the session ends, however often it is refreshed.
    pub(crate) ends_at: i64,
}

pub(crate) async fn open(
    conn: &mut AnyConnection,
    family: &Family,
    first: &RefreshToken,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO families (family_id, user_id, handle, token, started_at, refreshed_at,
             token_ends_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(family.family_id.to_string())
    .bind(family.user_id.to_string())
    .bind(first.handle_hash())
    .bind(&family.token)
    .bind(now)
    .bind(now)
    .bind(family.token_ends_at)
    .bind(family.ends_at)
    .execute(&mut *conn)
    .await?;
    sqlx::query(
        "DELETE FROM families WHERE user_id = $1 AND family_id NOT IN (
             SELECT family_id FROM families WHERE user_id = $2
             ORDER BY refreshed_at DESC, family_id DESC LIMIT $3)",
    )
    .bind(family.user_id.to_string())
    .bind(family.user_id.to_string())
    .bind(MOST)
    .execute(conn)
    .await
    .map(|_| ())
}

/// The family that this token is, or was, one of.
pub(crate) async fn find(
    conn: &mut AnyConnection,
    token: &RefreshToken,
) -> Result<Option<Family>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT family_id, user_id, token, token_ends_at, ends_at FROM families WHERE handle = $1",
    )
    .bind(token.handle_hash())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Family {
            family_id: id(row.try_get(0)?)?,
            user_id: id(row.try_get(1)?)?,
            token: row.try_get(2)?,
            token_ends_at: row.try_get(3)?,
            ends_at: row.try_get(4)?,
        })
    })
    .transpose()
}

/// Puts a new token in the place of the one that was used. False where that was no longer the
/// good one.
pub(crate) async fn rotate(
    conn: &mut AnyConnection,
    family: &Family,
    next: &RefreshToken,
    token_ends_at: i64,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let rotated = sqlx::query(
        "UPDATE families SET token = $1, token_ends_at = $2, refreshed_at = $3
         WHERE family_id = $4 AND token = $5",
    )
    .bind(next.hash())
    .bind(token_ends_at)
    .bind(now)
    .bind(family.family_id.to_string())
    .bind(&family.token)
    .execute(conn)
    .await?;
    Ok(rotated.rows_affected() > 0)
}

/// Whether this session of this user goes on.
pub(crate) async fn lives(
    conn: &mut AnyConnection,
    family_id: Uuid,
    user_id: Uuid,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT user_id FROM families WHERE family_id = $1 AND user_id = $2 AND ends_at > $3",
    )
    .bind(family_id.to_string())
    .bind(user_id.to_string())
    .bind(now)
    .fetch_optional(conn)
    .await?;
    Ok(row.is_some())
}

pub(crate) async fn end(conn: &mut AnyConnection, family_id: Uuid) -> Result<(), sqlx::Error> {
    let end = sqlx::query("DELETE FROM families WHERE family_id = $1").bind(family_id.to_string());
    end.execute(conn).await.map(|_| ())
}

/// Ends the sessions of a user, all but this one.
pub(crate) async fn end_others(
    conn: &mut AnyConnection,
    user_id: Uuid,
    but: Option<Uuid>,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM families WHERE user_id = $1 AND family_id <> $2")
        .bind(user_id.to_string())
        .bind(but.map(|id| id.to_string()).unwrap_or_default())
        .execute(conn)
        .await
        .map(|_| ())
}

/// Removes what has expired.
pub(crate) async fn forget(conn: &mut AnyConnection, now: i64) -> Result<u64, sqlx::Error> {
    let forget = sqlx::query("DELETE FROM families WHERE ends_at <= $1 OR token_ends_at <= $2");
    Ok(forget.bind(now).bind(now).execute(conn).await?.rows_affected())
}
