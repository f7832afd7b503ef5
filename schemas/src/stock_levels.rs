//! How much there is: the topic `stock-levels`, keyed by product id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What changed a stock level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StockCause {
    /// Stock arrived.
    Restocked,
    /// An order reserved some.
    Reserved,
    /// An order gave its reservation back.
    Released,
    /// An order was completed.
    Sold,
    /// Anything else, and causes not known here.
    #[serde(other)]
    Other,
}

/// The stock of a product has changed. Carries the whole level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockLevelChanged {
    /// The SKU: the key of the topic.
    pub product_id: String,
    /// In the warehouse, reserved or not.
    pub on_hand: i64,
    /// Held for orders that are not completed yet.
    pub reserved: i64,
    /// What can still be ordered: `on_hand` less `reserved`.
    pub available: i64,
    /// Sold so far, by completed orders.
    pub sold: i64,
    /// All that was ever added: `on_hand` plus `sold`.
    pub restocked_total: i64,
    /// Counts the changes of this level, from 1: a lower one than already seen is late.
    pub version: i64,
    /// What changed it.
    pub cause: StockCause,
    /// The order that changed it, if one did.
    pub order_id: Option<Uuid>,
    /// When it changed, microseconds since 1970, UTC.
    pub changed_at: i64,
}
