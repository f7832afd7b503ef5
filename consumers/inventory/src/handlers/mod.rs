//! One file for each event that is reacted to.

mod order_cancelled;
mod order_completed;
mod order_placed;
mod order_rejected;
mod product_delisted;
mod product_listed;
mod product_repriced;
mod product_restocked;

pub(crate) use order_cancelled::ReleaseCancelled;
pub(crate) use order_completed::SellStock;
pub(crate) use order_placed::ReserveStock;
pub(crate) use order_rejected::ReleaseRejected;
pub(crate) use product_delisted::LearnDelisted;
pub(crate) use product_listed::LearnListed;
pub(crate) use product_repriced::LearnRepriced;
pub(crate) use product_restocked::Restock;
