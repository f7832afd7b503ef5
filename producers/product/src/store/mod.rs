//! The tables: the catalogue, what was changed in it, and what can be ordered.

pub(crate) mod changes;
pub(crate) mod products;
pub(crate) mod stock;

use pipeline::Migration;

/// In the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { name: "product/0001", sql: include_str!("../../migrations/0001_products.sql") }];
