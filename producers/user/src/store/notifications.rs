//! What a user was told. As with orders, a user's rows go with the user.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use super::history::{History, statements};
use super::id;

/// A message to a user about an order, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notification {
    pub(crate) notification_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) order_id: Uuid,
    pub(crate) channel: String,
    pub(crate) template: String,
    /// Masked.
    pub(crate) recipient: Option<String>,
    pub(crate) outcome: String,
    pub(crate) reason: Option<String>,
    /// More about why, for people.
    pub(crate) detail: Option<String>,
    pub(crate) at: i64,
}

/// Keeps what became of it; false where its user is none of ours.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    told: &Notification,
) -> Result<bool, sqlx::Error> {
    let kept = sqlx::query(
        "INSERT INTO notifications (notification_id, user_id, order_id, channel, template,
             recipient, outcome, reason, detail, at_micros)
         SELECT $1, user_id, $2, $3, $4, $5, $6, $7, $8, $9 FROM users WHERE user_id = $10
         ON CONFLICT (notification_id) DO UPDATE SET recipient = excluded.recipient,
             outcome = excluded.outcome, reason = excluded.reason, detail = excluded.detail,
             at_micros = excluded.at_micros",
    )
    .bind(told.notification_id.to_string())
    .bind(told.order_id.to_string())
    .bind(&told.channel)
    .bind(&told.template)
    .bind(told.recipient.clone())
    .bind(&told.outcome)
    .bind(told.reason.clone())
    .bind(told.detail.clone())
    .bind(told.at)
    .bind(told.user_id.to_string())
    .execute(conn)
    .await?;
    Ok(kept.rows_affected() > 0)
}

impl History for Notification {
    statements!(
        "notifications", by "at_micros" and "notification_id":
        "notification_id, user_id, order_id, channel, template, recipient, outcome, reason, detail,
             at_micros"
    );

    fn id(&self) -> Uuid {
        self.notification_id
    }

    fn read(row: &AnyRow) -> Result<Self, sqlx::Error> {
        Ok(Notification {
            notification_id: id(row.try_get(0)?)?,
            user_id: id(row.try_get(1)?)?,
            order_id: id(row.try_get(2)?)?,
            channel: row.try_get(3)?,
            template: row.try_get(4)?,
            recipient: row.try_get(5)?,
            outcome: row.try_get(6)?,
            reason: row.try_get(7)?,
            detail: row.try_get(8)?,
            at: row.try_get(9)?,
        })
    }
}
