//! What the payment service has said of each order.

use shop_events::{DeclineReason, PaymentCaptured, PaymentDeclined, PaymentRefunded};
use sqlx::{AnyConnection, AnyPool, Row};
use uuid::Uuid;

/// An order's payment as last heard of. Times are microseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) state: String,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) detail: Option<String>,
    pub(crate) captured_at: Option<i64>,
    pub(crate) declined_at: Option<i64>,
    pub(crate) refunded_at: Option<i64>,
}

/// The money is there. What was said later stays: records of one order come in order, and again.
pub(crate) async fn captured(
    conn: &mut AnyConnection,
    event: &PaymentCaptured,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO order_payments (order_id, payment_id, state, amount, reference, captured_at)
         VALUES ($1, $2, 'captured', $3, $4, $5)
         ON CONFLICT (order_id) DO UPDATE SET captured_at = excluded.captured_at,
             reference = excluded.reference,
             state = CASE WHEN order_payments.state = 'refunded' THEN 'refunded' ELSE 'captured' END",
    )
    .bind(event.order_id.to_string())
    .bind(event.payment_id.to_string())
    .bind(event.amount)
    .bind(event.provider_ref.clone())
    .bind(event.captured_at)
    .execute(conn)
    .await
    .map(|_| ())
}

/// There will be no money.
pub(crate) async fn declined(
    conn: &mut AnyConnection,
    event: &PaymentDeclined,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO order_payments (order_id, payment_id, state, amount, reference, detail,
             declined_at)
         VALUES ($1, $2, 'declined', $3, $4, $5, $6)
         ON CONFLICT (order_id) DO UPDATE SET declined_at = excluded.declined_at,
             detail = excluded.detail",
    )
    .bind(event.order_id.to_string())
    .bind(event.payment_id.to_string())
    .bind(event.amount)
    .bind(event.provider_ref.clone())
    .bind(event.detail.clone().or_else(|| Some(words(event.reason).to_owned())))
    .bind(event.declined_at)
    .execute(conn)
    .await
    .map(|_| ())
}

fn words(reason: DeclineReason) -> &'static str {
    match reason {
        DeclineReason::InsufficientFunds => "not enough money",
        DeclineReason::InvalidMethod => "the way to pay is not valid",
        DeclineReason::SuspectedFraud | DeclineReason::Other => "the payment was declined",
    }
}

/// The customer has it back.
pub(crate) async fn refunded(
    conn: &mut AnyConnection,
    event: &PaymentRefunded,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO order_payments (order_id, payment_id, state, amount, refund_reference,
             refunded_at)
         VALUES ($1, $2, 'refunded', $3, $4, $5)
         ON CONFLICT (order_id) DO UPDATE SET state = 'refunded',
             refund_reference = excluded.refund_reference, refunded_at = excluded.refunded_at",
    )
    .bind(event.order_id.to_string())
    .bind(event.payment_id.to_string())
    .bind(event.amount)
    .bind(event.provider_ref.clone())
    .bind(event.refunded_at)
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn find(pool: &AnyPool, order_id: Uuid) -> Result<Option<Payment>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT state, amount, detail, captured_at, declined_at, refunded_at
         FROM order_payments WHERE order_id = $1",
    )
    .bind(order_id.to_string())
    .fetch_optional(pool)
    .await?;
    row.map(|row| {
        Ok(Payment {
            state: row.try_get(0)?,
            amount: row.try_get(1)?,
            detail: row.try_get(2)?,
            captured_at: row.try_get(3)?,
            declined_at: row.try_get(4)?,
            refunded_at: row.try_get(5)?,
        })
    })
    .transpose()
}
