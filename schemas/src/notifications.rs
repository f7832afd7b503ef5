//! What the customers were told: the topic `notifications`, keyed by order id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How a message reaches a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationChannel {
    /// By e-mail.
    Email,
    /// As a push message on a device.
    Push,
    /// Channels not known here.
    #[serde(other)]
    Other,
}

impl NotificationChannel {
    /// As databases and answers have it.
    pub fn name(self) -> &'static str {
        match self {
            NotificationChannel::Email => "email",
            NotificationChannel::Push => "push",
            NotificationChannel::Other => "other",
        }
    }
}

/// Why a customer was not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NotificationFailure {
    /// No address or device is known.
    NoRecipient,
    /// The provider refused the message or its recipient.
    Refused,
    /// It failed too often.
    Undeliverable,
    /// Anything else, and reasons not known here.
    #[serde(other)]
    Other,
}

impl NotificationFailure {
    /// As databases and answers have it.
    pub fn name(self) -> &'static str {
        match self {
            NotificationFailure::NoRecipient => "no_recipient",
            NotificationFailure::Refused => "refused",
            NotificationFailure::Undeliverable => "undeliverable",
            NotificationFailure::Other => "other",
        }
    }
}

/// A customer has been told about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationSent {
    /// The message, the same in each try.
    pub notification_id: Uuid,
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who is told.
    pub user_id: Uuid,
    /// How.
    pub channel: NotificationChannel,
    /// What about: the name of the template (`order_completed`).
    pub template: String,
    /// Where it went, masked (`a***@example.org`).
    pub recipient: String,
    /// The e-mail's Message-ID or the push provider's reference.
    pub message_id: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub sent_at: i64,
}

/// A customer could not be told about an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationFailed {
    /// The message, the same in each try.
    pub notification_id: Uuid,
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who is told.
    pub user_id: Uuid,
    /// How.
    pub channel: NotificationChannel,
    /// What about: the name of the template (`order_completed`).
    pub template: String,
    /// Where it was to go, masked; null if unknown.
    pub recipient: Option<String>,
    /// The Message-ID or reference it was tried with.
    pub message_id: Option<String>,
    /// Why.
    pub reason: NotificationFailure,
    /// More about why, for people; no addresses.
    pub detail: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub failed_at: i64,
}
