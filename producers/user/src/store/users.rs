use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use uuid::Uuid;

use super::{id, json, to_json};
use crate::domain::{Role, User, email_key};

// A macro, since a query is a literal and the columns are one list.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT user_id, email, name, role, locale, email_enabled, push_enabled, ",
            "push_subscriptions, version, registered_at, updated_at, password FROM users ",
            $rest
        )
    };
}

/// Adds a user. False, and nothing is done, where the address is taken.
pub(crate) async fn insert(
    conn: &mut AnyConnection,
    user: &User,
    password: &str,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO users (user_id, email, email_key, password, name, role, locale, email_enabled,
             push_enabled, push_subscriptions, version, registered_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
         ON CONFLICT DO NOTHING",
    )
    .bind(user.user_id.to_string())
    .bind(&user.email)
    .bind(email_key(&user.email))
    .bind(password)
    .bind(user.name.clone())
    .bind(user.role.name())
    .bind(&user.locale)
    .bind(i64::from(user.email_enabled))
    .bind(i64::from(user.push_enabled))
    .bind(to_json(&user.push)?)
    .bind(user.version)
    .bind(user.registered_at)
    .bind(user.updated_at)
    .execute(conn)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Writes the user's next state, and counts it. Who calls has read the state before it in the same
/// transaction.
pub(crate) async fn update(
    conn: &mut AnyConnection,
    user: &mut User,
    at: i64,
) -> Result<(), sqlx::Error> {
    user.version += 1;
    user.updated_at = at;
    sqlx::query(
        "UPDATE users SET email = $1, email_key = $2, name = $3, role = $4, locale = $5,
             email_enabled = $6, push_enabled = $7, push_subscriptions = $8, version = $9,
             updated_at = $10
         WHERE user_id = $11",
    )
    .bind(&user.email)
    .bind(email_key(&user.email))
    .bind(user.name.clone())
    .bind(user.role.name())
    .bind(&user.locale)
    .bind(i64::from(user.email_enabled))
    .bind(i64::from(user.push_enabled))
    .bind(to_json(&user.push)?)
    .bind(user.version)
    .bind(user.updated_at)
    .bind(user.user_id.to_string())
    .execute(conn)
    .await
    .map(|_| ())
}

/// Puts a hash in the place of another. False where that one is not there any more: the password
/// was changed meanwhile, or the user is gone. Writes the row also where both are the same, so that
/// who signs in and who changes the password at once meet.
pub(crate) async fn replace_password(
    conn: &mut AnyConnection,
    user_id: Uuid,
    from: &str,
    to: &str,
) -> Result<bool, sqlx::Error> {
    let replaced =
        sqlx::query("UPDATE users SET password = $1 WHERE user_id = $2 AND password = $3")
            .bind(to)
            .bind(user_id.to_string())
            .bind(from)
            .execute(conn)
            .await?;
    Ok(replaced.rows_affected() > 0)
}

/// Erases a user, and with that sessions, orders and notifications. False where there is none.
pub(crate) async fn delete(conn: &mut AnyConnection, user_id: Uuid) -> Result<bool, sqlx::Error> {
    let delete = sqlx::query("DELETE FROM users WHERE user_id = $1").bind(user_id.to_string());
    Ok(delete.execute(conn).await?.rows_affected() > 0)
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    user_id: Uuid,
) -> Result<Option<User>, sqlx::Error> {
    Ok(find_with_password(conn, user_id).await?.map(|(user, _)| user))
}

/// A user and the hash of the password.
pub(crate) async fn find_with_password(
    conn: &mut AnyConnection,
    user_id: Uuid,
) -> Result<Option<(User, String)>, sqlx::Error> {
    let found = sqlx::query(select!("WHERE user_id = $1")).bind(user_id.to_string());
    found.fetch_optional(conn).await?.as_ref().map(with_password).transpose()
}

/// Whose address this is, however it is written, and the hash of the password.
pub(crate) async fn find_by_email(
    conn: &mut AnyConnection,
    email: &str,
) -> Result<Option<(User, String)>, sqlx::Error> {
    let found = sqlx::query(select!("WHERE email_key = $1")).bind(email_key(email));
    found.fetch_optional(conn).await?.as_ref().map(with_password).transpose()
}

/// Users, the latest first, those after `after` in that order.
pub(crate) async fn page(
    pool: &AnyPool,
    after: Option<&User>,
    most: i64,
) -> Result<Vec<User>, sqlx::Error> {
    let (at, user_id) =
        after.map_or((i64::MAX, String::new()), |u| (u.registered_at, u.user_id.to_string()));
    let rows = sqlx::query(select!(
        "WHERE registered_at < $1 OR (registered_at = $2 AND user_id < $3)
         ORDER BY registered_at DESC, user_id DESC LIMIT $4"
    ))
    .bind(at)
    .bind(at)
    .bind(user_id)
    .bind(most)
    .fetch_all(pool)
    .await?;
    rows.iter().map(user).collect()
}

fn with_password(row: &AnyRow) -> Result<(User, String), sqlx::Error> {
    Ok((user(row)?, row.try_get(11)?))
}

fn user(row: &AnyRow) -> Result<User, sqlx::Error> {
    let role = Role::named(&row.try_get::<String, _>(3)?);
    Ok(User {
        user_id: id(row.try_get(0)?)?,
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        role: role.ok_or_else(|| sqlx::Error::Decode("a role that is none".into()))?,
        locale: row.try_get(4)?,
        email_enabled: row.try_get::<i64, _>(5)? != 0,
        push_enabled: row.try_get::<i64, _>(6)? != 0,
        push: json(row.try_get(7)?)?,
        version: row.try_get(8)?,
        registered_at: row.try_get(9)?,
        updated_at: row.try_get(10)?,
    })
}
