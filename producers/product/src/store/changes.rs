use pipeline::{EncodeError, Failure, Tx};
use shop_service::http::{IdempotencyKey, Problem};
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::products;
use crate::domain::Change;

/// Who asked for a change, and what tells a repeat of the request from another.
#[derive(Debug, Clone)]
pub(crate) struct By {
    pub(crate) user_id: Uuid,
    pub(crate) request: Option<(IdempotencyKey, String)>,
}

/// What a user's key has done before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) hash: String,
    pub(crate) restocked_total: i64,
    pub(crate) version: i64,
}

/// A change that could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Database(error) => error.into(),
            ChangeError::Encode(error) => error.into(),
        }
    }
}

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Database(error) => error.into(),
            ChangeError::Encode(error) => error.into(),
        }
    }
}

/// Makes a change: its state, its event, and the note of who made it.
pub(crate) async fn make(tx: &mut Tx, change: &Change, by: Option<&By>) -> Result<(), ChangeError> {
    let state = change.state();
    products::save(tx.conn(), &state).await?;
    let event_id = match change {
        Change::Listed(event) => tx.emit(event)?,
        Change::Repriced(event) => tx.emit(event)?,
        Change::Delisted(event) => tx.emit(event)?,
        Change::Restocked(event) => tx.emit(event)?,
    };
    let request = by.and_then(|by| by.request.as_ref());
    sqlx::query(
        "INSERT INTO product_changes (event_id, product_id, version, kind, restocked_total,
             changed_by, changed_at, idempotency_key, request_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(event_id.to_string())
    .bind(&state.product_id)
    .bind(state.version)
    .bind(change.kind())
    .bind(state.restocked_total)
    .bind(by.map(|by| by.user_id.to_string()))
    .bind(state.updated_at)
    .bind(request.map(|(key, _)| key.0.clone()))
    .bind(request.map(|(_, hash)| hash.clone()))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What this user's key has done, if anything.
pub(crate) async fn done_by_key(
    conn: &mut AnyConnection,
    user_id: Uuid,
    key: &IdempotencyKey,
) -> Result<Option<Done>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT request_hash, restocked_total, version FROM product_changes
         WHERE changed_by = $1 AND idempotency_key = $2",
    )
    .bind(user_id.to_string())
    .bind(&key.0)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Done {
            hash: row.try_get(0)?,
            restocked_total: row.try_get(1)?,
            version: row.try_get(2)?,
        })
    })
    .transpose()
}

/// Whether this event was decided here.
pub(crate) async fn is_own(conn: &mut AnyConnection, event_id: &str) -> Result<bool, sqlx::Error> {
    let row = sqlx::query("SELECT version FROM product_changes WHERE event_id = $1")
        .bind(event_id)
        .fetch_optional(conn)
        .await?;
    Ok(row.is_some())
}

/// Whether this version of a product was decided here.
pub(crate) async fn decided(
    conn: &mut AnyConnection,
    product_id: &str,
    version: i64,
) -> Result<bool, sqlx::Error> {
    let row =
        sqlx::query("SELECT version FROM product_changes WHERE product_id = $1 AND version = $2")
            .bind(product_id)
            .bind(version)
            .fetch_optional(conn)
            .await?;
    Ok(row.is_some())
}
