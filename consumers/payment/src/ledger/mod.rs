//! The table `payments`: what was, is and will be charged, one row an order.

mod due;
mod events;

pub(crate) use due::{Due, claim, due, hint, looked_at, refunds_failed, unsettled};
pub(crate) use events::{forget_events, take_event};

use pipeline::Migration;
use shop_events::DeclineReason;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::domain::{Decline, Payment, State};

/// In the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        name: "payment/0001_payments",
        sql: include_str!("../../migrations/0001_payments.sql"),
    },
    Migration {
        name: "payment/0002_reserved_at",
        sql: include_str!("../../migrations/0002_reserved_at.sql"),
    },
    Migration { name: "payment/0003_hints", sql: include_str!("../../migrations/0003_hints.sql") },
    Migration {
        name: "payment/0004_refunds_failed",
        sql: include_str!("../../migrations/0004_refunds_failed.sql"),
    },
];

/// Adds a payment. False, and nothing is done, where the order has one.
pub(crate) async fn open(
    conn: &mut AnyConnection,
    payment: &Payment,
    now: i64,
    look_at: Option<i64>,
) -> Result<bool, sqlx::Error> {
    let added = sqlx::query(
        "INSERT INTO payments (order_id, payment_id, user_id, amount, currency, method, provider,
             state, give_back, reason, detail, correlation, version, reserved_at, opened_at,
             changed_at, look_at, looks)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0)
         ON CONFLICT (order_id) DO NOTHING",
    )
    .bind(payment.order_id.to_string())
    .bind(payment.payment_id.to_string())
    .bind(payment.user_id.to_string())
    .bind(payment.amount)
    .bind(&payment.currency)
    .bind(payment.method.clone())
    .bind(&payment.provider)
    .bind(payment.state.name())
    .bind(i64::from(payment.give_back))
    .bind(payment.decline.as_ref().map(|d| reason_name(d.reason)))
    .bind(payment.decline.as_ref().and_then(|d| d.detail.clone()))
    .bind(&payment.correlation)
    .bind(payment.version)
    .bind(payment.reserved_at)
    .bind(now)
    .bind(now)
    .bind(look_at)
    .execute(conn)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// From now on it is given back. False where there is nothing to give back from.
pub(crate) async fn give_back(
    conn: &mut AnyConnection,
    order_id: Uuid,
    now: i64,
    look_at: i64,
) -> Result<bool, sqlx::Error> {
    let known = sqlx::query(
        "UPDATE payments SET give_back = 1, version = version + 1, changed_at = $2, looks = 0,
             look_at = CASE WHEN hints > 0
                     OR state IN ('declined', 'void', 'refunded', 'refund_failed')
                 THEN look_at ELSE $3 END
         WHERE order_id = $1",
    )
    .bind(order_id.to_string())
    .bind(now)
    .bind(look_at)
    .execute(conn)
    .await?;
    Ok(known.rows_affected() > 0)
}

/// Writes what has been learnt of a payment. False, and nothing is done, where it has changed since
/// it was read. Where somebody has spoken of it, it is looked at when that was said and not at `look_at`:
/// what was learnt here may be from before.
pub(crate) async fn save(
    conn: &mut AnyConnection,
    payment: &Payment,
    now: i64,
    look_at: Option<i64>,
) -> Result<bool, sqlx::Error> {
    let saved = sqlx::query(
        "UPDATE payments SET state = $3, give_back = $4, intent = $5, refund = $6, refunded_at = $7,
             reason = $8, detail = $9, changed_at = $10, looks = 0, version = version + 1,
             look_at = CASE WHEN hints = 0 THEN $11 ELSE look_at END
         WHERE order_id = $1 AND version = $2",
    )
    .bind(payment.order_id.to_string())
    .bind(payment.version)
    .bind(payment.state.name())
    .bind(i64::from(payment.give_back))
    .bind(payment.intent.clone())
    .bind(payment.refund.clone())
    .bind(payment.refunded_at)
    .bind(payment.decline.as_ref().map(|d| reason_name(d.reason)))
    .bind(payment.decline.as_ref().and_then(|d| d.detail.clone()))
    .bind(now)
    .bind(look_at)
    .execute(conn)
    .await?;
    Ok(saved.rows_affected() > 0)
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    order_id: Uuid,
) -> Result<Option<Payment>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT order_id, payment_id, user_id, amount, currency, method, provider, state, give_back,
             intent, refund, refunded_at, reason, detail, correlation, version,
             COALESCE(reserved_at, opened_at)
         FROM payments WHERE order_id = $1",
    )
    .bind(order_id.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(payment).transpose()
}

fn payment(row: &AnyRow) -> Result<Payment, sqlx::Error> {
    let state: String = row.try_get(7)?;
    let reason: Option<String> = row.try_get(12)?;
    let detail: Option<String> = row.try_get(13)?;
    Ok(Payment {
        order_id: id(row.try_get(0)?)?,
        payment_id: id(row.try_get(1)?)?,
        user_id: id(row.try_get(2)?)?,
        amount: row.try_get(3)?,
        currency: row.try_get(4)?,
        method: row.try_get(5)?,
        provider: row.try_get(6)?,
        state: State::named(&state)
            .ok_or_else(|| sqlx::Error::Decode(format!("payment state {state}").into()))?,
        give_back: row.try_get::<i64, _>(8)? != 0,
        intent: row.try_get(9)?,
        refund: row.try_get(10)?,
        refunded_at: row.try_get(11)?,
        decline: reason.map(|reason| Decline { reason: reason_named(&reason), detail }),
        correlation: row.try_get(14)?,
        version: row.try_get(15)?,
        reserved_at: row.try_get(16)?,
    })
}

fn id(text: String) -> Result<Uuid, sqlx::Error> {
    text.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))
}

fn reason_name(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InsufficientFunds => "insufficient_funds",
        DeclineReason::InvalidMethod => "invalid_method",
        DeclineReason::SuspectedFraud => "suspected_fraud",
        DeclineReason::Other => "other",
    }
}

fn reason_named(name: &str) -> DeclineReason {
    match name {
        "insufficient_funds" => DeclineReason::InsufficientFunds,
        "invalid_method" => DeclineReason::InvalidMethod,
        "suspected_fraud" => DeclineReason::SuspectedFraud,
        _ => DeclineReason::Other,
    }
}
