#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod access;
mod carts;
pub mod check;
mod defaults;
pub mod money;
mod notifications;
mod orders;
mod payment_method;
mod payments;
mod product_state;
mod products;
mod records;
mod reservations;
mod stock_levels;
mod topics;
mod users;

#[cfg(test)]
mod tests;

pub use access::{User, access};
pub use carts::*;
pub use notifications::*;
pub use orders::*;
pub use payment_method::payment_method_problem;
pub use payments::*;
pub use product_state::ProductState;
pub use products::*;
pub use records::{RecordInfo, all};
pub use reservations::*;
pub use stock_levels::*;
pub use topics::{Topic, declared};
pub use users::*;
