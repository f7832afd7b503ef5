//! One file for each kind of reaction.

mod keep_product;
mod order_cancelled;
mod order_completed;
mod order_placed;
mod order_rejected;

pub(crate) use keep_product::KeepProduct;
pub(crate) use order_cancelled::ReleaseCancelled;
pub(crate) use order_completed::SellStock;
pub(crate) use order_placed::ReserveStock;
pub(crate) use order_rejected::ReleaseRejected;
