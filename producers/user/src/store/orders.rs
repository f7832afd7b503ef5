//! A user's orders, as last heard of.
//!
//! A user's rows go with the user, and a row without one is refused: what is heard of a user who was
//! erased meanwhile, or who was never one of ours, is not kept.

use shop_events::OrderLine;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::history::{History, statements};
use super::{id, json, to_json};

/// An order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) order_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) state: String,
    /// Why, for people.
    pub(crate) detail: Option<String>,
    pub(crate) channel: String,
    pub(crate) order_ref: Option<String>,
    pub(crate) lines: Vec<OrderLine>,
    /// Minor units.
    pub(crate) total: i64,
    pub(crate) currency: String,
    pub(crate) placed_at: i64,
    pub(crate) changed_at: i64,
}

/// Keeps an order's state; false where its user is none of ours.
pub(crate) async fn keep(conn: &mut AnyConnection, order: &Order) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO orders (order_id, user_id, state, detail, channel, order_ref, lines, total,
             currency, placed_at, changed_at)
         SELECT $1, user_id, $2, $3, $4, $5, $6, $7, $8, $9, $10 FROM users WHERE user_id = $11
         ON CONFLICT (order_id) DO UPDATE SET state = excluded.state, detail = excluded.detail,
             changed_at = excluded.changed_at",
    )
    .bind(order.order_id.to_string())
    .bind(&order.state)
    .bind(order.detail.clone())
    .bind(&order.channel)
    .bind(order.order_ref.clone())
    .bind(to_json(&order.lines)?)
    .bind(order.total)
    .bind(&order.currency)
    .bind(order.placed_at)
    .bind(order.changed_at)
    .bind(order.user_id.to_string())
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() > 0)
}

impl History for Order {
    statements!(
        "orders", by "placed_at" and "order_id":
        "order_id, user_id, state, detail, channel, order_ref, lines, total, currency, placed_at,
             changed_at"
    );

    fn id(&self) -> Uuid {
        self.order_id
    }

    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Order {
            order_id: id(row.try_get(0)?)?,
            user_id: id(row.try_get(1)?)?,
            state: row.try_get(2)?,
            detail: row.try_get(3)?,
            channel: row.try_get(4)?,
            order_ref: row.try_get(5)?,
            lines: json(row.try_get(6)?)?,
            total: row.try_get(7)?,
            currency: row.try_get(8)?,
            placed_at: row.try_get(9)?,
            changed_at: row.try_get(10)?,
        })
    }
}
