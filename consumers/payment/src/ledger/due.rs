//! Payments that somebody has to look at again: what was left in doubt, what the provider decides
//! later, and what a webhook speaks of.

use sqlx::{AnyConnection, AnyPool, Row};
use uuid::Uuid;

/// A payment that is due, as it was when it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    pub(crate) order_id: Uuid,
    pub(crate) correlation: String,
    look_at: i64,
    /// How often it was looked at in vain.
    pub(crate) looks: i64,
}

/// Those that are due, the longest first.
pub(crate) async fn due(pool: &AnyPool, now: i64, most: i64) -> Result<Vec<Due>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT order_id, correlation, look_at, looks FROM payments
         WHERE look_at <= $1 ORDER BY look_at LIMIT $2",
    )
    .bind(now)
    .bind(most)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                order_id: super::id(row.try_get(0)?)?,
                correlation: row.try_get(1)?,
                look_at: row.try_get(2)?,
                looks: row.try_get(3)?,
            })
        })
        .collect()
}

/// Takes one that is due, so that no other instance looks at it too before `next`. False where
/// another has.
pub(crate) async fn claim(
    conn: &mut AnyConnection,
    due: &Due,
    next: i64,
) -> Result<bool, sqlx::Error> {
    let claimed = sqlx::query(
        "UPDATE payments SET look_at = $3, looks = looks + 1 WHERE order_id = $1 AND look_at = $2",
    )
    .bind(due.order_id.to_string())
    .bind(due.look_at)
    .bind(next)
    .execute(conn)
    .await?;
    Ok(claimed.rows_affected() > 0)
}

/// Somebody should look at the payment that the provider knows by this name. False where it is
/// nobody's.
pub(crate) async fn hint(
    conn: &mut AnyConnection,
    intent: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let known = sqlx::query(
        "UPDATE payments SET look_at = $2, looks = 0, hints = hints + 1 WHERE intent = $1",
    )
    .bind(intent)
    .bind(now)
    .execute(conn)
    .await?;
    Ok(known.rows_affected() > 0)
}

/// It was looked at by who has claimed it, and all that was said of it before is heard; where it is
/// settled nobody has to look any more. Nothing is done where somebody has spoken of it meanwhile.
pub(crate) async fn looked_at(
    conn: &mut AnyConnection,
    order_id: Uuid,
    claimed_until: i64,
    settled: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE payments SET hints = 0, look_at = CASE WHEN $3 = 1 THEN NULL ELSE look_at END
         WHERE order_id = $1 AND look_at = $2",
    )
    .bind(order_id.to_string())
    .bind(claimed_until)
    .bind(i64::from(settled))
    .execute(conn)
    .await
    .map(|_| ())
}

/// How many are not settled, and when the oldest of them was last changed.
pub(crate) async fn unsettled(pool: &AnyPool) -> Result<(i64, Option<i64>), sqlx::Error> {
    let row =
        sqlx::query("SELECT COUNT(*), MIN(changed_at) FROM payments WHERE look_at IS NOT NULL")
            .fetch_one(pool)
            .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// How many the provider could not give back, and nobody else has either.
pub(crate) async fn refunds_failed(pool: &AnyPool) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT COUNT(*) FROM payments WHERE state = 'refund_failed'")
        .fetch_one(pool)
        .await?
        .try_get(0)
}
