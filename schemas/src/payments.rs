//! What payment answers: the topic `payments`, keyed by order id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a payment was declined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DeclineReason {
    /// Not enough money.
    InsufficientFunds,
    /// The card or account is expired, blocked or unknown.
    InvalidMethod,
    /// The provider does not trust it.
    SuspectedFraud,
    /// Anything else, and reasons not known here.
    #[serde(other)]
    Other,
}

/// An order has been charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentCaptured {
    /// The payment.
    pub payment_id: Uuid,
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who pays.
    pub user_id: Uuid,
    /// What was charged, in minor units.
    pub amount: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Who handles the money.
    pub provider: String,
    /// The provider's reference; null where nothing had to be charged.
    pub provider_ref: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub captured_at: i64,
}

/// An order could not be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentDeclined {
    /// The payment.
    pub payment_id: Uuid,
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who pays.
    pub user_id: Uuid,
    /// What was to be charged, in minor units.
    pub amount: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Who handles the money.
    pub provider: String,
    /// The provider's reference.
    pub provider_ref: Option<String>,
    /// Why.
    pub reason: DeclineReason,
    /// More about why, for people.
    pub detail: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub declined_at: i64,
}

/// What was charged for an order has been given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRefunded {
    /// The payment.
    pub payment_id: Uuid,
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who pays.
    pub user_id: Uuid,
    /// What was given back, in minor units.
    pub amount: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Who handles the money.
    pub provider: String,
    /// The provider's reference of the refund.
    pub provider_ref: Option<String>,
    /// Why, for people.
    pub detail: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub refunded_at: i64,
}
