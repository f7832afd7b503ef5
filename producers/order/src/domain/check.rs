//! What texts and amounts may be. Each answers with what is wrong, or with nothing.

pub(crate) use shop_events::check::{currency, email, label};

/// Quantity of a line that a customer may order.
pub(crate) const QUANTITY: std::ops::RangeInclusive<i64> = 1..=1_000;
/// Lines that a customer may order at once.
pub(crate) const LINES: usize = 100;
