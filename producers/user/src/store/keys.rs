//! The keys that sign access tokens, for all instances.

use sqlx::{Any, AnyConnection, Executor, Row};

use crate::domain::Standing;

/// A key as it is kept: texts that [`crate::keys`] reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyRow {
    pub(crate) standing: Standing,
    pub(crate) kid: String,
    pub(crate) public: String,
    /// Empty once it signs no more.
    pub(crate) private: String,
}

/// All there are, in the order of their numbers.
pub(crate) async fn all(
    conn: impl Executor<'_, Database = Any>,
) -> Result<Vec<KeyRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT number, kid, public_key, private_key, signs_from FROM signing_keys ORDER BY number",
    )
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let private: String = row.try_get(3)?;
            let (number, signs_from) = (row.try_get(0)?, row.try_get(4)?);
            Ok(KeyRow {
                standing: Standing { number, signs_from, silent: private.is_empty() },
                kid: row.try_get(1)?,
                public: row.try_get(2)?,
                private,
            })
        })
        .collect()
}

/// Fails where another instance has made the key of that number at the same time.
pub(crate) async fn insert(conn: &mut AnyConnection, key: &KeyRow) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO signing_keys (number, kid, public_key, private_key, signs_from)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(key.standing.number)
    .bind(&key.kid)
    .bind(&key.public)
    .bind(&key.private)
    .bind(key.standing.signs_from)
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn sign_from(
    conn: &mut AnyConnection,
    number: i64,
    signs_from: i64,
) -> Result<(), sqlx::Error> {
    let sooner = sqlx::query("UPDATE signing_keys SET signs_from = $1 WHERE number = $2");
    sooner.bind(signs_from).bind(number).execute(conn).await.map(|_| ())
}

pub(crate) async fn silence(conn: &mut AnyConnection, number: i64) -> Result<(), sqlx::Error> {
    let silence = sqlx::query("UPDATE signing_keys SET private_key = '' WHERE number = $1");
    silence.bind(number).execute(conn).await.map(|_| ())
}

pub(crate) async fn remove(conn: &mut AnyConnection, number: i64) -> Result<(), sqlx::Error> {
    let remove = sqlx::query("DELETE FROM signing_keys WHERE number = $1");
    remove.bind(number).execute(conn).await.map(|_| ())
}
