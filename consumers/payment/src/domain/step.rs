//! What is to be done about a payment next.
//!
//! Whatever was begun may have happened without an answer, so that before the provider is asked to
//! change anything it is asked how things stand, unless it has just said so.

use super::{Decline, Payment, Refund, State, Status};

/// What is to be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Make it known to the provider; this moves no money, however often it is done.
    Make,
    /// Have it charged. What was confirmed cannot be confirmed again.
    Confirm,
    /// See to it that it can never be charged.
    Cancel,
    /// Ask how it stands.
    Look,
    /// Ask what was given back.
    LookAtRefunds,
    /// Give back all that is left.
    Refund,
    /// Nothing was begun and nothing will be: its order has ended.
    Close,
    /// The same, and its order is told so.
    Decline,
}

/// What the provider has said in this run, and what the run is for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// Whether this is the order's turn to be charged. Everybody else finishes what was begun: whether
    /// the order still wants it is in its records, of which the next may be its end.
    pub(crate) may_charge: bool,
    /// Why it is not to be charged any more, unless that has happened.
    pub(crate) against: Option<Decline>,
    pub(crate) intent: Option<Status>,
    pub(crate) refunds: Option<Vec<Refund>>,
    /// Whether somebody has said that there is news, so that what is settled is looked at too.
    pub(crate) hinted: bool,
}

impl Payment {
    /// None where it has to rest: it is settled, or the provider will decide, or it is not its turn.
    pub(crate) fn step(&self, heard: &Heard) -> Option<Step> {
        let look = heard.intent.is_none().then_some(Step::Look);
        let look_at_refunds = heard.refunds.is_none().then_some(Step::LookAtRefunds);
        match (self.state, self.give_back) {
            (State::Open, false) if heard.against.is_some() => Some(Step::Decline),
            (State::Open, false) => heard.may_charge.then_some(Step::Make),
            (State::Open, true) => Some(Step::Close),
            (State::Asked, give_back) => match (&heard.intent, give_back) {
                (Some(Status::Ready), true) => Some(Step::Cancel),
                (Some(Status::Ready), false) if heard.against.is_some() => Some(Step::Cancel),
                (Some(Status::Ready), false) => heard.may_charge.then_some(Step::Confirm),
                _ => look,
            },
            (State::Processing, _) => look,
            // Asked for before; another one would be for what is left, which is nothing.
            (State::Captured, true) => look_at_refunds.or(Some(Step::Refund)),
            (State::Refunding, _) => look_at_refunds,
            // Somebody may have paid it after all, or given it back by hand.
            (State::Declined | State::Void, _) => {
                look.filter(|_| heard.hinted && self.intent.is_some())
            }
            (State::Captured, false) | (State::Refunded | State::RefundFailed, _) => {
                look_at_refunds.filter(|_| heard.hinted)
            }
        }
    }
}
