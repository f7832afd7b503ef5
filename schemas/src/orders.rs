//! The story of each order: the topic `orders`, keyed by order id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::reservations::Shortage;

/// One product of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// The SKU.
    pub product_id: String,
    /// What the product is called, for people.
    pub name: Option<String>,
    /// How many, at least 1.
    pub quantity: i64,
    /// The price of one, in minor units; null where a channel gave the total of the line alone.
    pub unit_price: Option<i64>,
    /// What the line costs, in minor units: this counts, whatever `unit_price` says.
    pub line_total: i64,
}

impl From<crate::CartLine> for OrderLine {
    fn from(line: crate::CartLine) -> Self {
        let crate::CartLine { product_id, name, quantity, unit_price, line_total } = line;
        Self { product_id, name, quantity, unit_price, line_total }
    }
}

/// Why the shop turned an order down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RejectReason {
    /// Too little of some product; `shortages` says of which.
    OutOfStock,
    /// The payment was declined.
    PaymentDeclined,
    /// The order itself cannot be: an unknown product, a wrong total.
    InvalidOrder,
    /// Anything else, and reasons not known here.
    #[serde(other)]
    Other,
}

/// Why an order ended before it was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CancelReason {
    /// The customer did not want it any more.
    Customer,
    /// Someone of the shop cancelled it.
    Staff,
    /// It was not completed in time.
    Expired,
    /// Anything else, and reasons not known here.
    #[serde(other)]
    Other,
}

/// An order has been placed; nothing is promised yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPlaced {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who bought.
    pub user_id: Uuid,
    /// Where the order was placed: `web`, or the name of another channel.
    pub channel: String,
    /// The channel's own reference.
    pub order_ref: Option<String>,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// When it was placed, microseconds since 1970, UTC.
    pub placed_at: i64,
    /// The checkout it came from.
    pub checkout_id: Option<Uuid>,
    /// The cart it came from.
    pub cart_id: Option<Uuid>,
}

/// All lines of an order are held for it; it can be charged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderReserved {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who bought.
    pub user_id: Uuid,
    /// Where the order was placed: `web`, or the name of another channel.
    pub channel: String,
    /// The channel's own reference.
    pub order_ref: Option<String>,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// When it was placed, microseconds since 1970, UTC.
    pub placed_at: i64,
    /// The payment provider's name for the customer's way to pay, a token such as `pm_card_visa` and
    /// never a card number; null: what the payment service is told to take.
    pub payment_method: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub reserved_at: i64,
}

/// An order is paid, or cost nothing: terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCompleted {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who bought.
    pub user_id: Uuid,
    /// Where the order was placed: `web`, or the name of another channel.
    pub channel: String,
    /// The channel's own reference.
    pub order_ref: Option<String>,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// When it was placed, microseconds since 1970, UTC.
    pub placed_at: i64,
    /// The payment; null for an order that cost nothing.
    pub payment_id: Option<Uuid>,
    /// When, microseconds since 1970, UTC.
    pub completed_at: i64,
}

/// The shop has turned an order down: terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderRejected {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who bought.
    pub user_id: Uuid,
    /// Where the order was placed: `web`, or the name of another channel.
    pub channel: String,
    /// The channel's own reference.
    pub order_ref: Option<String>,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// When it was placed, microseconds since 1970, UTC.
    pub placed_at: i64,
    /// Why.
    pub reason: RejectReason,
    /// More about why, for people.
    pub detail: Option<String>,
    /// What there was too little of.
    #[serde(default)]
    pub shortages: Vec<Shortage>,
    /// When, microseconds since 1970, UTC.
    pub rejected_at: i64,
}

/// An order has been cancelled or has expired: terminal. What it held is released, what was charged
/// is refunded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderCancelled {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Who bought.
    pub user_id: Uuid,
    /// Where the order was placed: `web`, or the name of another channel.
    pub channel: String,
    /// The channel's own reference.
    pub order_ref: Option<String>,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// What was bought.
    pub lines: Vec<OrderLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// When it was placed, microseconds since 1970, UTC.
    pub placed_at: i64,
    /// Why.
    pub reason: CancelReason,
    /// More about why, for people.
    pub detail: Option<String>,
    /// The user who cancelled it; null: the system.
    pub cancelled_by: Option<Uuid>,
    /// When, microseconds since 1970, UTC.
    pub cancelled_at: i64,
}
