//! What inventory answers: the topic `reservations`, keyed by order id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A product held for an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservedLine {
    /// The SKU.
    pub product_id: String,
    /// How many are held.
    pub quantity: i64,
}

/// A product of which there is too little.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shortage {
    /// The SKU.
    pub product_id: String,
    /// How many the order wants.
    pub requested: i64,
    /// How many there were; 0 for an unknown product.
    pub available: i64,
}

/// All lines of an order are held for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockReserved {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// What is held, one entry a product.
    pub lines: Vec<ReservedLine>,
    /// When, microseconds since 1970, UTC.
    pub reserved_at: i64,
}

/// At least one line of an order cannot be held, so that none is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRejected {
    /// The order: the key of the topic.
    pub order_id: Uuid,
    /// Each product of which there is too little.
    pub shortages: Vec<Shortage>,
    /// More about why, for people.
    pub detail: Option<String>,
    /// When, microseconds since 1970, UTC.
    pub rejected_at: i64,
}
