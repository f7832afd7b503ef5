//! What customers want: the topic `carts`, keyed by user id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::defaults::web;

/// One product in a cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartLine {
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

/// A cart has been checked out. Also how another program places an order: publish one, keyed by
/// user id, and follow the topic `orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartCheckedOut {
    /// The checkout: made once by the sender and the same in each try, so that one checkout is one
    /// order.
    pub checkout_id: Uuid,
    /// Who buys: the key of the topic.
    pub user_id: Uuid,
    /// Where to write to about the order; null: the user's own address.
    pub email: Option<String>,
    /// How to address the customer.
    pub name: Option<String>,
    /// Where the order was placed: `web`, or the name of another channel.
    #[serde(default = "web")]
    pub channel: String,
    /// The channel's own reference: the same channel and reference are the same order.
    pub order_ref: Option<String>,
    /// The cart, if there was one.
    pub cart_id: Option<Uuid>,
    /// What is bought, at least one line.
    pub lines: Vec<CartLine>,
    /// What all lines cost, in minor units.
    pub total: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// The payment provider's name for the customer's way to pay, a token such as `pm_card_visa` and
    /// never a card number; null: what the payment service is told to take.
    pub payment_method: Option<String>,
    /// When it was checked out, microseconds since 1970, UTC.
    pub checked_out_at: i64,
}

impl CartCheckedOut {
    /// The order that this becomes.
    pub fn order_id(&self) -> Uuid {
        order_of_checkout(self.checkout_id)
    }
}

/// The order that a checkout becomes: the UUIDv5 of `order` in the checkout's namespace, so that it is
/// the same however often the checkout is sent, and is known before the order is there.
pub fn order_of_checkout(checkout_id: Uuid) -> Uuid {
    Uuid::new_v5(&checkout_id, b"order")
}
