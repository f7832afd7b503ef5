//! Whose a device is: a browser has one push subscription, whoever is signed in, so an endpoint is one
//! user's at a time.

use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::id;
use crate::domain::User;

/// Keeps a user's devices and no others of theirs. Says whose some of them were until now.
pub(crate) async fn keep(conn: &mut AnyConnection, user: &User) -> Result<Vec<Uuid>, sqlx::Error> {
    let own = user.user_id.to_string();
    let erase = sqlx::query("DELETE FROM devices WHERE user_id = $1").bind(&own);
    erase.execute(&mut *conn).await?;
    let mut before = Vec::new();
    for device in &user.push {
        let of = sqlx::query("SELECT user_id FROM devices WHERE endpoint = $1");
        if let Some(row) = of.bind(&device.endpoint).fetch_optional(&mut *conn).await? {
            before.push(id(row.try_get(0)?)?);
        }
        sqlx::query(
            "INSERT INTO devices (endpoint, user_id) VALUES ($1, $2)
             ON CONFLICT (endpoint) DO UPDATE SET user_id = excluded.user_id",
        )
        .bind(&device.endpoint)
        .bind(&own)
        .execute(&mut *conn)
        .await?;
    }
    before.sort_unstable();
    before.dedup();
    Ok(before)
}
