//! What the customer of an order was told, and by which channel.

use shop_events::{NotificationFailed, NotificationSent};
use sqlx::{AnyConnection, AnyPool, Row};
use uuid::Uuid;

/// A message about an order, and what became of it. To whom it went is the notification service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) notification_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) channel: String,
    pub(crate) template: String,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    /// Microseconds since the Unix epoch.
    pub(crate) at: i64,
}

impl From<&NotificationSent> for Notification {
    fn from(sent: &NotificationSent) -> Self {
        Notification {
            notification_id: sent.notification_id,
            order_id: sent.order_id,
            channel: sent.channel.name().into(),
            template: sent.template.clone(),
            outcome: "sent".into(),
            reason: None,
            at: sent.sent_at,
        }
    }
}

impl From<&NotificationFailed> for Notification {
    fn from(failed: &NotificationFailed) -> Self {
        Notification {
            notification_id: failed.notification_id,
            order_id: failed.order_id,
            channel: failed.channel.name().into(),
            template: failed.template.clone(),
            outcome: "failed".into(),
            reason: Some(failed.reason.name().into()),
            at: failed.failed_at,
        }
    }
}

/// Keeps what became of a message; false where there is no such order.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    told: &Notification,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO order_notifications
             (notification_id, order_id, channel, template, outcome, reason, at_micros)
         SELECT $1, order_id, $2, $3, $4, $5, $6 FROM orders WHERE order_id = $7
         ON CONFLICT (notification_id) DO UPDATE SET outcome = excluded.outcome,
             reason = excluded.reason, at_micros = excluded.at_micros",
    )
    .bind(told.notification_id.to_string())
    .bind(&told.channel)
    .bind(&told.template)
    .bind(&told.outcome)
    .bind(told.reason.clone())
    .bind(told.at)
    .bind(told.order_id.to_string())
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// The messages about an order, the earliest first.
pub(crate) async fn of_order(
    pool: &AnyPool,
    order_id: Uuid,
) -> Result<Vec<Notification>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT notification_id, channel, template, outcome, reason, at_micros
         FROM order_notifications WHERE order_id = $1 ORDER BY at_micros, notification_id",
    )
    .bind(order_id.to_string())
    .fetch_all(pool)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Notification {
                notification_id: super::orders::id(row.try_get(0)?)?,
                order_id,
                channel: row.try_get(1)?,
                template: row.try_get(2)?,
                outcome: row.try_get(3)?,
                reason: row.try_get(4)?,
                at: row.try_get(5)?,
            })
        })
        .collect()
}
