//! The tables `stock`, `order_stock` and `order_stock_line`.

use pipeline::Failure;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::domain::demand::Demand;
use crate::domain::level::Level;
use crate::domain::standing::Standing;

/// The level of a product, locked until the transaction ends. The update that changes nothing is
/// the lock: `FOR UPDATE` is not known to SQLite.
pub(crate) async fn lock_level(
    conn: &mut AnyConnection,
    product_id: &str,
) -> Result<Option<Level>, sqlx::Error> {
    sqlx::query(
        "UPDATE stock SET version = version WHERE product_id = $1
         RETURNING product_id, on_hand, reserved, sold, restocked_total, version",
    )
    .bind(product_id)
    .fetch_optional(conn)
    .await?
    .map(level)
    .transpose()
}

fn level(row: AnyRow) -> Result<Level, sqlx::Error> {
    Ok(Level {
        product_id: row.try_get(0)?,
        on_hand: row.try_get(1)?,
        reserved: row.try_get(2)?,
        sold: row.try_get(3)?,
        restocked_total: row.try_get(4)?,
        version: row.try_get(5)?,
    })
}

/// Makes a row for a product that is heard of for the first time.
pub(crate) async fn add_product(
    conn: &mut AnyConnection,
    product_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO stock (product_id, on_hand, reserved, sold, restocked_total, version)
         VALUES ($1, 0, 0, 0, 0, 0) ON CONFLICT (product_id) DO NOTHING",
    )
    .bind(product_id)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Writes a level that was locked before.
pub(crate) async fn save_level(conn: &mut AnyConnection, level: &Level) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE stock SET on_hand = $2, reserved = $3, sold = $4, restocked_total = $5, version = $6
         WHERE product_id = $1",
    )
    .bind(&level.product_id)
    .bind(level.on_hand)
    .bind(level.reserved)
    .bind(level.sold)
    .bind(level.restocked_total)
    .bind(level.version)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Where an order stands, locked until the transaction ends.
pub(crate) async fn lock_standing(
    conn: &mut AnyConnection,
    order_id: Uuid,
) -> Result<Option<Standing>, Failure> {
    let row = sqlx::query(
        "UPDATE order_stock SET standing = standing WHERE order_id = $1 RETURNING standing",
    )
    .bind(order_id.to_string())
    .fetch_optional(conn)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let text: String = row.try_get(0)?;
    let unknown = || Failure::reject(format!("order_stock has the unknown standing {text:?}"));
    Standing::from_text(&text).ok_or_else(unknown).map(Some)
}

/// Writes where an order stands.
pub(crate) async fn save_standing(
    conn: &mut AnyConnection,
    order_id: Uuid,
    standing: Standing,
    at_micros: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO order_stock (order_id, standing, changed_at) VALUES ($1, $2, $3)
         ON CONFLICT (order_id) DO UPDATE
         SET standing = excluded.standing, changed_at = excluded.changed_at",
    )
    .bind(order_id.to_string())
    .bind(standing.as_str())
    .bind(at_micros)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Writes what an order holds.
pub(crate) async fn save_lines(
    conn: &mut AnyConnection,
    order_id: Uuid,
    demand: &Demand,
) -> Result<(), sqlx::Error> {
    for (product_id, quantity) in demand.iter() {
        sqlx::query(
            "INSERT INTO order_stock_line (order_id, product_id, quantity) VALUES ($1, $2, $3)",
        )
        .bind(order_id.to_string())
        .bind(product_id)
        .bind(quantity)
        .execute(&mut *conn)
        .await?;
    }
    Ok(())
}

/// What an order holds or has bought, in the order in which stock is locked.
pub(crate) async fn lines(
    conn: &mut AnyConnection,
    order_id: Uuid,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let rows = sqlx::query("SELECT product_id, quantity FROM order_stock_line WHERE order_id = $1")
        .bind(order_id.to_string())
        .fetch_all(conn)
        .await?;
    let line = |row: &AnyRow| Ok((row.try_get(0)?, row.try_get(1)?));
    let mut lines = rows.iter().map(line).collect::<Result<Vec<(String, i64)>, sqlx::Error>>()?;
    // Sorted here, as the demand was: a database sorts by its locale.
    lines.sort();
    Ok(lines)
}

/// All levels.
#[cfg(test)]
pub(crate) async fn levels(pool: &sqlx::AnyPool) -> Result<Vec<Level>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT product_id, on_hand, reserved, sold, restocked_total, version FROM stock",
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter().map(level).collect()
}
