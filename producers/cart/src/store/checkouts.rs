use sqlx::{AnyConnection, Row};
use uuid::Uuid;

/// A cart that was checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Checkout {
    pub(crate) checkout_id: Uuid,
    pub(crate) user_id: Uuid,
    /// Of the request, to tell a repeat from another.
    pub(crate) hash: String,
    pub(crate) total: i64,
    pub(crate) currency: String,
    pub(crate) checked_out_at: i64,
}

pub(crate) async fn insert(
    conn: &mut AnyConnection,
    checkout: &Checkout,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO checkouts (checkout_id, user_id, request_hash, total, currency, checked_out_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(checkout.checkout_id.to_string())
    .bind(checkout.user_id.to_string())
    .bind(&checkout.hash)
    .bind(checkout.total)
    .bind(&checkout.currency)
    .bind(checkout.checked_out_at)
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    user_id: Uuid,
    checkout_id: Uuid,
) -> Result<Option<Checkout>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT request_hash, total, currency, checked_out_at FROM checkouts
         WHERE checkout_id = $1 AND user_id = $2",
    )
    .bind(checkout_id.to_string())
    .bind(user_id.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Checkout {
            checkout_id,
            user_id,
            hash: row.try_get(0)?,
            total: row.try_get(1)?,
            currency: row.try_get(2)?,
            checked_out_at: row.try_get(3)?,
        })
    })
    .transpose()
}

pub(crate) async fn forget(conn: &mut AnyConnection, user_id: Uuid) -> Result<(), sqlx::Error> {
    let gone = sqlx::query("DELETE FROM checkouts WHERE user_id = $1").bind(user_id.to_string());
    gone.execute(conn).await.map(|_| ())
}
