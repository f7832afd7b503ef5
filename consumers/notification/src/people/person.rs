//! A user as last heard of.

use shop_events::{UserProfileChanged, UserRegistered, UserRoleChanged};
use sqlx::{Any, AnyConnection, Executor, Row};
use uuid::Uuid;

use super::devices;

/// As much of a user as telling them needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) user_id: Uuid,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) email_enabled: bool,
    pub(crate) push_enabled: bool,
    /// The subscriptions of their devices; not read back.
    pub(crate) push_tokens: Vec<String>,
    pub(crate) version: i64,
}

// Each record on the topic carries the user's whole state.
macro_rules! states {
    ($($event:ident),*) => {$(
        impl From<&$event> for Person {
            fn from(event: &$event) -> Self {
                Person {
                    user_id: event.user_id,
                    email: event.email.clone(),
                    name: event.name.clone(),
                    email_enabled: event.email_enabled,
                    push_enabled: event.push_enabled,
                    push_tokens: event.push_tokens.clone(),
                    version: event.version,
                }
            }
        }
    )*};
}
states!(UserRegistered, UserProfileChanged, UserRoleChanged);

/// Keeps a state unless a later one is known: both groups read the topic, each at its own pace.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    person: &Person,
    now: i64,
) -> Result<(), sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO people (user_id, email, name, email_enabled, push_enabled, version)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, name = excluded.name,
             email_enabled = excluded.email_enabled, push_enabled = excluded.push_enabled,
             version = excluded.version
         WHERE excluded.version > people.version",
    )
    .bind(person.user_id.to_string())
    .bind(&person.email)
    .bind(&person.name)
    .bind(i64::from(person.email_enabled))
    .bind(i64::from(person.push_enabled))
    .bind(person.version)
    .execute(&mut *conn)
    .await?;
    if kept.rows_affected() > 0 {
        devices::keep(conn, person.user_id, &person.push_tokens, now).await?;
    }
    Ok(())
}

/// The user, if any record of them has been read.
pub(crate) async fn find(
    reader: impl Executor<'_, Database = Any>,
    user_id: Uuid,
) -> Result<Option<Person>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT email, name, email_enabled, push_enabled, version FROM people WHERE user_id = $1",
    )
    .bind(user_id.to_string())
    .fetch_optional(reader)
    .await?;
    row.map(|row| {
        Ok(Person {
            user_id,
            email: row.try_get(0)?,
            name: row.try_get(1)?,
            email_enabled: row.try_get::<i64, _>(2)? != 0,
            push_enabled: row.try_get::<i64, _>(3)? != 0,
            push_tokens: Vec::new(),
            version: row.try_get(4)?,
        })
    })
    .transpose()
}

/// Whether any user is known: a shop may have no user service.
pub(crate) async fn any(reader: impl Executor<'_, Database = Any>) -> Result<bool, sqlx::Error> {
    let one = sqlx::query("SELECT 1 FROM people LIMIT 1").fetch_optional(reader).await?;
    Ok(one.is_some())
}

/// Erases all that is kept of a user.
pub(crate) async fn forget(conn: &mut AnyConnection, user_id: &str) -> Result<(), sqlx::Error> {
    for erase in [
        "DELETE FROM people WHERE user_id = $1",
        "DELETE FROM devices WHERE user_id = $1",
        "DELETE FROM messages WHERE user_id = $1",
        "DELETE FROM sent WHERE user_id = $1",
    ] {
        sqlx::query(erase).bind(user_id).execute(&mut *conn).await?;
    }
    Ok(())
}
