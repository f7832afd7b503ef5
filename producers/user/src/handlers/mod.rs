//! Reactions to events: what is kept for people to look up. Nothing is emitted.

mod notification_outcome;
mod order_state;

pub(crate) use notification_outcome::NotificationOutcome;
pub(crate) use order_state::OrderState;
