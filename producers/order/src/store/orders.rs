use shop_service::http::IdempotencyKey;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyPool, Row};
use uuid::Uuid;

use super::AdvanceError;
use crate::domain::{Order, State};

/// What tells a repeated request from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) key: IdempotencyKey,
    pub(crate) hash: String,
}

/// A state that an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) version: i64,
    pub(crate) state: State,
    /// Why, for people.
    pub(crate) detail: Option<String>,
    pub(crate) at: i64,
}

// A macro, since a query is a literal and the columns are one list.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT order_id, user_id, channel, order_ref, checkout_id, cart_id, email, customer, ",
            "lines, total, currency, placed_at, state, version, correlation, payment_method, ",
            "request_hash ",
            "FROM orders ",
            $rest
        )
    };
}

/// Adds an order that has just been placed. False, and nothing is done, where its id, checkout,
/// reference or idempotency key is taken.
pub(crate) async fn insert(
    conn: &mut AnyConnection,
    order: &Order,
    request: Option<&Request>,
    at: i64,
) -> Result<bool, sqlx::Error> {
    let lines = serde_json::to_string(&order.lines).map_err(|e| sqlx::Error::Encode(e.into()))?;
    let inserted = sqlx::query(
        "INSERT INTO orders (order_id, user_id, channel, order_ref, checkout_id, cart_id, email,
             customer, lines, total, currency, placed_at, state, version, correlation,
             idempotency_key, request_hash, payment_method)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
         ON CONFLICT DO NOTHING",
    )
    .bind(order.order_id.to_string())
    .bind(order.user_id.to_string())
    .bind(&order.channel)
    .bind(order.order_ref.clone())
    .bind(order.checkout_id.map(|id| id.to_string()))
    .bind(order.cart_id.map(|id| id.to_string()))
    .bind(order.email.clone())
    .bind(order.name.clone())
    .bind(lines)
    .bind(order.total)
    .bind(&order.currency)
    .bind(order.placed_at)
    .bind(order.state.name())
    .bind(order.version)
    .bind(&order.correlation)
    .bind(request.map(|r| r.key.0.clone()))
    .bind(request.map(|r| r.hash.clone()))
    .bind(order.payment_method.clone())
    .execute(&mut *conn)
    .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    note(conn, order, None, at).await?;
    Ok(true)
}

/// Takes an order to its next state.
pub(crate) async fn advance(
    conn: &mut AnyConnection,
    order: &mut Order,
    to: State,
    detail: Option<&str>,
    at: i64,
) -> Result<(), AdvanceError> {
    let advanced = sqlx::query(
        "UPDATE orders SET state = $1, version = version + 1 WHERE order_id = $2 AND version = $3",
    )
    .bind(to.name())
    .bind(order.order_id.to_string())
    .bind(order.version)
    .execute(&mut *conn)
    .await?;
    if advanced.rows_affected() == 0 {
        return Err(AdvanceError::Crossed);
    }
    order.state = to;
    order.version += 1;
    Ok(note(conn, order, detail, at).await?)
}

async fn note(
    conn: &mut AnyConnection,
    order: &Order,
    detail: Option<&str>,
    at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO order_changes (order_id, version, state, detail, at_micros)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(order.order_id.to_string())
    .bind(order.version)
    .bind(order.state.name())
    .bind(detail.map(str::to_owned))
    .bind(at)
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    order_id: Uuid,
) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query(select!("WHERE order_id = $1"))
        .bind(order_id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(order).transpose()
}

/// The order that a user's key has placed, and the hash of that request.
pub(crate) async fn find_by_key(
    conn: &mut AnyConnection,
    user_id: Uuid,
    key: &str,
) -> Result<Option<(Order, String)>, sqlx::Error> {
    let row = sqlx::query(select!("WHERE user_id = $1 AND idempotency_key = $2"))
        .bind(user_id.to_string())
        .bind(key)
        .fetch_optional(conn)
        .await?;
    row.map(|row| Ok((order(&row)?, row.try_get(16)?))).transpose()
}

/// The order that a checkout, or a channel's reference, has placed.
pub(crate) async fn find_same(
    conn: &mut AnyConnection,
    like: &Order,
) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query(select!(
        "WHERE order_id = $1 OR checkout_id = $2 OR (channel = $3 AND order_ref = $4)"
    ))
    .bind(like.order_id.to_string())
    .bind(like.checkout_id.map(|id| id.to_string()))
    .bind(&like.channel)
    .bind(like.order_ref.clone())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(order).transpose()
}

/// A user's orders, the latest first, those after `after` in that order.
pub(crate) async fn of_user(
    pool: &AnyPool,
    user_id: Uuid,
    after: Option<&Order>,
    most: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let (placed_at, order_id) =
        after.map_or((i64::MAX, String::new()), |o| (o.placed_at, o.order_id.to_string()));
    let rows = sqlx::query(select!(
        "WHERE user_id = $1 AND (placed_at < $2 OR (placed_at = $3 AND order_id < $4))
         ORDER BY placed_at DESC, order_id DESC LIMIT $5"
    ))
    .bind(user_id.to_string())
    .bind(placed_at)
    .bind(placed_at)
    .bind(order_id)
    .bind(most)
    .fetch_all(pool)
    .await?;
    rows.iter().map(order).collect()
}

/// An order that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Overdue {
    pub(crate) order_id: Uuid,
    pub(crate) correlation: String,
}

/// Orders that are not over and were accepted before, the oldest first.
pub(crate) async fn overdue(
    pool: &AnyPool,
    before: i64,
    most: i64,
) -> Result<Vec<Overdue>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT o.order_id, o.correlation
         FROM orders o JOIN order_changes c ON c.order_id = o.order_id AND c.version = 1
         WHERE o.state IN ('placed', 'reserved') AND c.at_micros <= $1
         ORDER BY c.at_micros LIMIT $2",
    )
    .bind(before)
    .bind(most)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| Ok(Overdue { order_id: id(row.try_get(0)?)?, correlation: row.try_get(1)? }))
        .collect()
}

/// The states an order came to after `version`, in order.
pub(crate) async fn changes(
    pool: &AnyPool,
    order_id: Uuid,
    version: i64,
) -> Result<Vec<Change>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT version, state, detail, at_micros FROM order_changes
         WHERE order_id = $1 AND version > $2 ORDER BY version",
    )
    .bind(order_id.to_string())
    .bind(version)
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Change {
                version: row.try_get(0)?,
                state: state(row.try_get(1)?)?,
                detail: row.try_get(2)?,
                at: row.try_get(3)?,
            })
        })
        .collect()
}

fn order(row: &AnyRow) -> Result<Order, sqlx::Error> {
    let maybe = |text: Option<String>| text.map(id).transpose();
    Ok(Order {
        order_id: id(row.try_get(0)?)?,
        user_id: id(row.try_get(1)?)?,
        channel: row.try_get(2)?,
        order_ref: row.try_get(3)?,
        checkout_id: maybe(row.try_get(4)?)?,
        cart_id: maybe(row.try_get(5)?)?,
        email: row.try_get(6)?,
        name: row.try_get(7)?,
        lines: serde_json::from_str(&row.try_get::<String, _>(8)?)
            .map_err(|e| sqlx::Error::Decode(e.into()))?,
        total: row.try_get(9)?,
        currency: row.try_get(10)?,
        placed_at: row.try_get(11)?,
        state: state(row.try_get(12)?)?,
        version: row.try_get(13)?,
        correlation: row.try_get(14)?,
        payment_method: row.try_get(15)?,
    })
}

pub(super) fn id(text: String) -> Result<Uuid, sqlx::Error> {
    text.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

fn state(name: String) -> Result<State, sqlx::Error> {
    State::named(&name).ok_or_else(|| sqlx::Error::Decode(format!("order state {name}").into()))
}
