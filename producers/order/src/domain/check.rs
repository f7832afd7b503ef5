//! What texts and amounts may be. Each answers with what is wrong, or with nothing.

pub(crate) use shop_events::check::{currency, email, label};

/// Quantity of a line that a customer may order.
pub(crate) const QUANTITY: std::ops::RangeInclusive<i64> = 1..=1_000;
/// Lines that a customer may order at once.
pub(crate) const LINES: usize = 100;

/// A key that a client tells repeats by.
pub(crate) fn idempotency_key(key: &str) -> Option<&'static str> {
    let is_key = (1..=200).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
    (!is_key).then_some("must be 1 to 200 visible ASCII characters")
}
