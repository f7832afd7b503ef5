//! The outbox: events that are decided and have not reached their topic yet.

use sqlx::{Any, AnyConnection, AssertSqlSafe, Executor, Row};

use crate::meta::{Header, header};

/// A record on its way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The topic.
    pub topic: String,
    /// The key.
    pub key: Option<Vec<u8>>,
    /// The payload; none is a tombstone.
    pub payload: Option<Vec<u8>>,
    /// The headers.
    pub headers: Vec<Header>,
}

/// Headers in the outbox are ours and text; JSON keeps them readable for whoever looks.
type TextHeaders = Vec<(String, String)>;

pub(super) async fn insert(conn: &mut AnyConnection, record: &Outgoing) -> Result<(), sqlx::Error> {
    let headers: TextHeaders = record
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), String::from_utf8_lossy(value).into_owned()))
        .collect();
    let headers = serde_json::to_string(&headers).map_err(|e| sqlx::Error::Encode(e.into()))?;
    sqlx::query("INSERT INTO outbox (topic, record_key, payload, headers) VALUES ($1, $2, $3, $4)")
        .bind(&record.topic)
        .bind(String::from_utf8_lossy(record.key.as_deref().unwrap_or_default()).into_owned())
        .bind(record.payload.clone().unwrap_or_default())
        .bind(headers)
        .execute(conn)
        .await
        .map(|_| ())
}

/// The oldest records there are to see, in the order in which they were written.
pub(super) async fn oldest(
    conn: impl Executor<'_, Database = Any>,
    most: i64,
) -> Result<Vec<(i64, Outgoing)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, topic, record_key, payload, headers FROM outbox ORDER BY id LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let headers: TextHeaders = serde_json::from_str(&row.try_get::<String, _>(4)?)
                .map_err(|e| sqlx::Error::Decode(e.into()))?;
            let payload: Vec<u8> = row.try_get(3)?;
            let record = Outgoing {
                topic: row.try_get(1)?,
                key: Some(row.try_get::<String, _>(2)?.into_bytes()),
                payload: (!payload.is_empty()).then_some(payload),
                headers: headers.into_iter().map(|(k, v)| (k, v.into_bytes())).collect(),
            };
            Ok((row.try_get(0)?, record))
        })
        .collect()
}

/// Removes these records, and none beside them: an older one may have been committed since.
pub(super) async fn delete(conn: &mut AnyConnection, ids: &[i64]) -> Result<(), sqlx::Error> {
    let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
    // No database-independent way binds a list; these are numbers.
    let delete = format!("DELETE FROM outbox WHERE id IN ({})", ids.join(", "));
    sqlx::query(AssertSqlSafe(delete)).persistent(false).execute(conn).await.map(|_| ())
}

/// How many records wait.
pub(super) async fn waiting(pool: &sqlx::AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) FROM outbox").fetch_one(pool).await?.try_get(0)
}

/// When the oldest record was decided, microseconds since the Unix epoch.
pub(super) async fn oldest_decided(pool: &sqlx::AnyPool) -> Result<Option<i64>, sqlx::Error> {
    let row = sqlx::query("SELECT headers FROM outbox ORDER BY id LIMIT 1");
    let Some(row) = row.fetch_optional(pool).await? else { return Ok(None) };
    let headers: TextHeaders = serde_json::from_str(&row.try_get::<String, _>(0)?)
        .map_err(|e| sqlx::Error::Decode(e.into()))?;
    let at = headers.into_iter().find(|(name, _)| name == header::TIME);
    Ok(at.and_then(|(_, at)| {
        let at = time::OffsetDateTime::parse(&at, &time::format_description::well_known::Rfc3339);
        i64::try_from(at.ok()?.unix_timestamp_nanos() / 1_000).ok()
    }))
}

/// Whether any waits.
pub(super) async fn any(pool: &sqlx::AnyPool) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("SELECT id FROM outbox LIMIT 1").fetch_optional(pool).await?.is_some())
}
