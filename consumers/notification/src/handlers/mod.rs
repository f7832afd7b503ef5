//! One file for each event that a customer is told of.

mod order_cancelled;
mod order_completed;
mod order_rejected;

pub(crate) use order_cancelled::MailOrderCancelled;
pub(crate) use order_completed::MailOrderCompleted;
pub(crate) use order_rejected::MailOrderRejected;
