//! Rules without I/O: what a payment is, what is to be done about it, and what follows from what the
//! provider says.

mod decline;
mod learn;
mod payment;
mod step;

pub(crate) use decline::Decline;
pub(crate) use learn::{Learned, News, Told};
pub(crate) use payment::{Payment, State};
pub(crate) use step::{Heard, Step};

/// Where a payment stands with the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// It can be confirmed; nothing has been charged.
    Ready,
    /// The provider has it and does not know yet.
    Processing,
    Succeeded,
    Declined(Decline),
    /// It will never be charged.
    Cancelled,
}

/// A payment as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    pub(crate) id: String,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: Status,
}

/// How a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    Pending,
    Succeeded,
    Failed,
}

/// A refund as the provider has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refund {
    pub(crate) id: String,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) outcome: Outcome,
}
