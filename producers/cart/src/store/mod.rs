//! The tables: carts and what was checked out, and what is known of products, stock and users.

pub(crate) mod carts;
pub(crate) mod checkouts;
pub(crate) mod contacts;
pub(crate) mod products;
pub(crate) mod stock;

use pipeline::Migration;

/// In the order they are applied.
pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { name: "cart/0001", sql: include_str!("../../migrations/0001_carts.sql") }];
