//! The life of an order.
//!
//! ```text
//! placed ──stock reserved──▶ reserved ──payment captured──▶ completed
//!   │                          │                               │
//!   ├──stock rejected──▶ rejected ◀──payment declined──┤       │
//!   │                                                  │       │
//!   └──────────────── cancelled ◀────── cancel ────────┴───────┘
//! ```
//!
//! Until it is completed, its time may run out, too: then it is cancelled by the shop.
//!
//! Whatever arrives for an order that has gone on without it changes nothing: answers cross.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::order::Order;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Accepted; nothing is promised yet.
    Placed,
    /// All lines are held.
    Reserved,
    /// Paid, or cost nothing.
    Completed,
    /// Turned down by the shop.
    Rejected,
    /// Taken back, by the customer or by the shop.
    Cancelled,
}

/// What can happen to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    StockReserved,
    StockRejected,
    PaymentCaptured,
    PaymentDeclined,
    Cancel,
    /// Its time is up.
    Expire,
}

/// What costs nothing is not charged.
pub(crate) fn completes_without_payment(order: &Order) -> bool {
    order.total == 0
}

impl State {
    /// The state that follows, if this input changes anything.
    pub(crate) fn on(self, input: Input) -> Option<State> {
        match (self, input) {
            (State::Placed, Input::StockReserved) => Some(State::Reserved),
            (State::Placed, Input::StockRejected) => Some(State::Rejected),
            (State::Reserved, Input::PaymentCaptured) => Some(State::Completed),
            (State::Reserved, Input::PaymentDeclined) => Some(State::Rejected),
            // A completed order is taken back by cancelling it: what was charged is refunded.
            (State::Placed | State::Reserved | State::Completed, Input::Cancel) => {
                Some(State::Cancelled)
            }
            (State::Placed | State::Reserved, Input::Expire) => Some(State::Cancelled),
            _ => None,
        }
    }

    /// Nothing more happens to it by itself.
    pub(crate) fn is_end(self) -> bool {
        matches!(self, State::Completed | State::Rejected | State::Cancelled)
    }

    /// As it stands in the database and in answers.
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Placed => "placed",
            State::Reserved => "reserved",
            State::Completed => "completed",
            State::Rejected => "rejected",
            State::Cancelled => "cancelled",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|state| state.name() == name)
    }
}

const ALL: [State; 5] =
    [State::Placed, State::Reserved, State::Completed, State::Rejected, State::Cancelled];

#[cfg(test)]
mod tests {
    use super::*;

    const INPUTS: [Input; 6] = [
        Input::StockReserved,
        Input::StockRejected,
        Input::PaymentCaptured,
        Input::PaymentDeclined,
        Input::Cancel,
        Input::Expire,
    ];

    fn after(inputs: &[Input]) -> State {
        inputs.iter().fold(State::Placed, |state, input| state.on(*input).unwrap_or(state))
    }

    #[test]
    fn an_order_that_is_reserved_and_paid_completes() {
        assert_eq!(after(&[Input::StockReserved, Input::PaymentCaptured]), State::Completed);
        assert_eq!(after(&[Input::StockReserved, Input::PaymentDeclined]), State::Rejected);
        assert_eq!(after(&[Input::StockRejected]), State::Rejected);
    }

    #[test]
    fn an_order_that_is_over_does_not_expire() {
        assert_eq!(after(&[Input::Expire]), State::Cancelled);
        assert_eq!(after(&[Input::StockReserved, Input::Expire]), State::Cancelled);
        let paid = [Input::StockReserved, Input::PaymentCaptured, Input::Expire];
        assert_eq!(after(&paid), State::Completed);
        assert_eq!(after(&[Input::StockRejected, Input::Expire]), State::Rejected);
    }

    #[test]
    fn what_crosses_a_cancellation_changes_nothing() {
        for input in INPUTS {
            assert_eq!(after(&[Input::Cancel, input]), State::Cancelled, "{input:?}");
            assert_eq!(after(&[Input::StockReserved, Input::Cancel, input]), State::Cancelled);
            assert_eq!(after(&[Input::StockReserved, Input::Expire, input]), State::Cancelled);
        }
    }

    #[test]
    fn whatever_comes_three_times_in_any_order_no_end_becomes_another_but_by_cancelling() {
        for first in INPUTS {
            for second in INPUTS {
                for third in INPUTS {
                    let (before, end) = (after(&[first, second]), after(&[first, second, third]));
                    let taken_back = before == State::Completed && third == Input::Cancel;
                    assert!(!before.is_end() || before == end || taken_back);
                }
            }
        }
    }

    #[test]
    fn the_same_answer_twice_is_one_answer() {
        for input in INPUTS {
            assert_eq!(after(&[input, input]), after(&[input]));
        }
    }

    #[test]
    fn a_state_is_found_by_its_name() {
        for state in ALL {
            assert_eq!(State::named(state.name()), Some(state));
        }
        assert_eq!(State::named("shipped"), None);
    }
}
