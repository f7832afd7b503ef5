//! Reactions to what becomes of orders.

mod give_back;
mod order_reserved;

pub(crate) use give_back::GiveBack;
pub(crate) use order_reserved::ChargeReserved;
