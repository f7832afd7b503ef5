//! A payment as the ledger has it.
//!
//! ```text
//! open ──made──▶ asked ──▶ captured ──refund──▶ refunding ──▶ refunded
//!   │              │ ╲       ▲                       ╲
//!   │              │  processing                      refund_failed
//!   │              ├──▶ declined
//!   └──▶ void ◀────┘
//! ```
//!
//! That the order has ended without it is not a state but `give_back`: it can come at any moment, and
//! from then on the way leads to void or to refunded.

use uuid::Uuid;

use super::Decline;

/// Where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// To be charged; the provider knows nothing that could be.
    Open,
    /// The provider has it. Whether it was charged is for the provider to say.
    Asked,
    /// The provider has taken it and will decide later.
    Processing,
    Captured,
    Declined,
    /// It was not charged and never will be.
    Void,
    /// It is being given back.
    Refunding,
    Refunded,
    /// The provider could not give it back: somebody has to.
    RefundFailed,
}

const ALL: [State; 9] = [
    State::Open,
    State::Asked,
    State::Processing,
    State::Captured,
    State::Declined,
    State::Void,
    State::Refunding,
    State::Refunded,
    State::RefundFailed,
];

impl State {
    /// As it stands in the database.
    pub(crate) fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Asked => "asked",
            State::Processing => "processing",
            State::Captured => "captured",
            State::Declined => "declined",
            State::Void => "void",
            State::Refunding => "refunding",
            State::Refunded => "refunded",
            State::RefundFailed => "refund_failed",
        }
    }

    /// Whether coming there is an end, for now.
    pub(crate) fn is_worth_counting(self) -> bool {
        !matches!(self, State::Open | State::Asked | State::Processing | State::Refunding)
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Payment {
    pub(crate) order_id: Uuid,
    pub(crate) payment_id: Uuid,
    pub(crate) user_id: Uuid,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    /// The provider's name for a way to pay; none where the order names none.
    pub(crate) method: Option<String>,
    /// Who handles the money.
    pub(crate) provider: String,
    pub(crate) state: State,
    /// The order has ended without it: whatever was or will be charged is given back.
    pub(crate) give_back: bool,
    /// The provider's reference.
    pub(crate) intent: Option<String>,
    /// The provider's reference of what was given back.
    pub(crate) refund: Option<String>,
    pub(crate) refunded_at: Option<i64>,
    pub(crate) decline: Option<Decline>,
    /// What all events of the order's story share.
    pub(crate) correlation: String,
    /// Counts the changes, from 1.
    pub(crate) version: i64,
    /// When the order was reserved, in microseconds; none where that is not known.
    pub(crate) reserved_at: Option<i64>,
}

impl Payment {
    /// Whether the order was reserved more than so many microseconds ago: it has expired, or will.
    pub(crate) fn is_late(&self, now: i64, charge_within: i64) -> bool {
        self.reserved_at.is_some_and(|at| now.saturating_sub(at) > charge_within)
    }

    /// Nothing more happens to it by itself.
    pub(crate) fn is_settled(&self) -> bool {
        match self.state {
            State::Open | State::Asked | State::Processing | State::Refunding => false,
            State::Captured => !self.give_back,
            State::Declined | State::Void | State::Refunded | State::RefundFailed => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_found_by_its_name() {
        for state in ALL {
            assert_eq!(State::named(state.name()), Some(state));
        }
        assert_eq!(State::named("lost"), None);
    }
}
