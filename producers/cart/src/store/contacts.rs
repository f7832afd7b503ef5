use sqlx::{AnyConnection, Row};
use uuid::Uuid;

/// Where to write to a user, as last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) user_id: Uuid,
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    pub(crate) version: i64,
}

/// Keeps a contact unless a later one is known.
pub(crate) async fn keep(conn: &mut AnyConnection, contact: &Contact) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO contacts (user_id, email, name, version) VALUES ($1, $2, $3, $4)
         ON CONFLICT (user_id) DO UPDATE
         SET email = excluded.email, name = excluded.name, version = excluded.version
         WHERE excluded.version > contacts.version",
    )
    .bind(contact.user_id.to_string())
    .bind(&contact.email)
    .bind(contact.name.clone())
    .bind(contact.version)
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    user_id: Uuid,
) -> Result<Option<Contact>, sqlx::Error> {
    let row = sqlx::query("SELECT email, name, version FROM contacts WHERE user_id = $1")
        .bind(user_id.to_string())
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        let (email, name, version) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok(Contact { user_id, email, name, version })
    })
    .transpose()
}

pub(crate) async fn forget(conn: &mut AnyConnection, user_id: Uuid) -> Result<(), sqlx::Error> {
    let gone = sqlx::query("DELETE FROM contacts WHERE user_id = $1").bind(user_id.to_string());
    gone.execute(conn).await.map(|_| ())
}
