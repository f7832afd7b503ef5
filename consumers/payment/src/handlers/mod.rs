//! Reactions to what becomes of orders, one a file.

mod order_cancelled;
mod order_rejected;
mod order_reserved;

pub(crate) use order_cancelled::GiveBackCancelled;
pub(crate) use order_rejected::GiveBackRejected;
pub(crate) use order_reserved::ChargeReserved;
