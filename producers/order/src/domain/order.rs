use shop_events::OrderLine;
use uuid::Uuid;

use super::state::State;

/// An order as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) order_id: Uuid,
    pub(crate) user_id: Uuid,
    /// `web`, or the name of another channel.
    pub(crate) channel: String,
    /// The channel's own reference.
    pub(crate) order_ref: Option<String>,
    pub(crate) checkout_id: Option<Uuid>,
    pub(crate) cart_id: Option<Uuid>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) lines: Vec<OrderLine>,
    /// Minor units of the currency.
    pub(crate) total: i64,
    pub(crate) currency: String,
    /// The payment provider's name for a way to pay.
    pub(crate) payment_method: Option<String>,
    /// Microseconds since the Unix epoch.
    pub(crate) placed_at: i64,
    pub(crate) state: State,
    /// Counts the states, from 1.
    pub(crate) version: i64,
    /// What all events of its story share.
    pub(crate) correlation: String,
}

/// What the lines cost together; none if that is more than can be counted.
pub(crate) fn total_of(line_totals: impl IntoIterator<Item = i64>) -> Option<i64> {
    line_totals.into_iter().try_fold(0_i64, i64::checked_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_that_cannot_be_counted_is_none() {
        assert_eq!(total_of([1, 2]), Some(3));
        assert_eq!(total_of([]), Some(0));
        assert_eq!(total_of([i64::MAX, 1]), None);
    }
}
