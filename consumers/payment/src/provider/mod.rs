//! Who handles the money.

mod stripe;

use futures::future::BoxFuture;
use uuid::Uuid;

pub(crate) use stripe::Stripe;

use crate::domain::{Decline, Intent, Refund};

/// What is to be charged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charge<'a> {
    pub(crate) order_id: Uuid,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: &'a str,
    /// The provider's name for a way to pay.
    pub(crate) method: &'a str,
}

/// Why the provider did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It was not asked: it cannot be reached, does not let us in, or has too much to do.
    Away(String),
    /// It was asked and did not answer, or knows itself not what happened.
    NoAnswer(String),
    /// The same is under way already.
    Busy(String),
    /// The payment is not in a state for that.
    State(String),
    /// It will not take such a payment.
    Declined(Decline),
    /// The request itself is wrong, and would be again.
    Wrong(String),
}

impl Trouble {
    /// Why, in words without secrets.
    pub(crate) fn reason(&self) -> &str {
        match self {
            Trouble::Away(why)
            | Trouble::NoAnswer(why)
            | Trouble::Busy(why)
            | Trouble::State(why)
            | Trouble::Wrong(why) => why,
            Trouble::Declined(decline) => decline.detail.as_deref().unwrap_or("declined"),
        }
    }
}

/// What a provider says.
pub(crate) type Said<'a, T> = BoxFuture<'a, Result<T, Trouble>>;

/// A provider. The order is what it tells repeats by, for as long as it remembers; the names that it
/// gives to payments are what makes it certain: one is charged once at most, and never after it was
/// cancelled.
pub(crate) trait Provider: Send + Sync + 'static {
    /// As it stands in events and in the ledger.
    fn name(&self) -> &'static str;

    /// Makes a payment known, and returns the provider's name for it. Moves no money.
    fn make<'a>(&'a self, charge: Charge<'a>) -> Said<'a, String>;

    /// Has it charged.
    fn confirm<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Intent>;

    /// Sees to it that it is never charged.
    fn cancel<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Intent>;

    /// How it stands.
    fn intent<'a>(&'a self, intent: &'a str) -> Said<'a, Intent>;

    /// Gives back all that is left.
    fn refund<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Refund>;

    /// What was given back of it.
    fn refunds<'a>(&'a self, intent: &'a str) -> Said<'a, Vec<Refund>>;

    /// Whether it answers at all.
    fn answers(&self) -> BoxFuture<'_, bool>;
}
