//! What is sold: the topic `products`, keyed by product id.

use serde::{Deserialize, Serialize};

/// A product has been put on sale, for the first time or again. Carries the whole state of the
/// product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductListed {
    /// The SKU, chosen by the catalogue: the key of the topic.
    pub product_id: String,
    /// What the product is called.
    pub name: String,
    /// What the product is.
    #[serde(default)]
    pub description: String,
    /// The price of one, in minor units (cents).
    pub price: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Whether it can be bought.
    pub listed: bool,
    /// All that was ever added to the stock: adding the difference to the total already seen makes
    /// a restock safe to handle late or twice.
    pub restocked_total: i64,
    /// Counts the changes of this product, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
}

/// The price of a product has changed. Carries the whole state of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRepriced {
    /// The SKU, chosen by the catalogue: the key of the topic.
    pub product_id: String,
    /// What the product is called.
    pub name: String,
    /// What the product is.
    #[serde(default)]
    pub description: String,
    /// The price of one, in minor units (cents).
    pub price: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Whether it can be bought.
    pub listed: bool,
    /// All that was ever added to the stock: adding the difference to the total already seen makes
    /// a restock safe to handle late or twice.
    pub restocked_total: i64,
    /// Counts the changes of this product, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
    /// The price until now, in minor units of the same currency.
    pub previous_price: i64,
}

/// A product is not on sale any more. Carries the whole state of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDelisted {
    /// The SKU, chosen by the catalogue: the key of the topic.
    pub product_id: String,
    /// What the product is called.
    pub name: String,
    /// What the product is.
    #[serde(default)]
    pub description: String,
    /// The price of one, in minor units (cents).
    pub price: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Whether it can be bought.
    pub listed: bool,
    /// All that was ever added to the stock: adding the difference to the total already seen makes
    /// a restock safe to handle late or twice.
    pub restocked_total: i64,
    /// Counts the changes of this product, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
}

/// Stock of a product has arrived. Carries the whole state of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRestocked {
    /// The SKU, chosen by the catalogue: the key of the topic.
    pub product_id: String,
    /// What the product is called.
    pub name: String,
    /// What the product is.
    #[serde(default)]
    pub description: String,
    /// The price of one, in minor units (cents).
    pub price: i64,
    /// The currency of every amount in this record, ISO 4217 (`EUR`).
    pub currency: String,
    /// Whether it can be bought.
    pub listed: bool,
    /// All that was ever added to the stock: adding the difference to the total already seen makes
    /// a restock safe to handle late or twice.
    pub restocked_total: i64,
    /// Counts the changes of this product, from 1: a lower one than already seen is late.
    pub version: i64,
    /// When this state came to be, microseconds since 1970, UTC.
    pub updated_at: i64,
    /// How many arrived; `restocked_total` includes them.
    pub quantity: i64,
}
