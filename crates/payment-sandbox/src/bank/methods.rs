//! The methods there are: Stripe's names of test cards where it has one, `pm_sandbox_…` where not.

use serde::{Deserialize, Serialize};

use super::Refusal;

/// A method by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct Method(usize);

/// What happens when it is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behaviour {
    Pays,
    /// Declined: code, decline code, words.
    Declines(&'static str, &'static str, &'static str),
    /// Pays, and takes its time.
    Slow,
    /// The first confirmation is never answered and changes nothing; the next one pays.
    TimesOut,
    /// Pays, and the answer to the first confirmation is lost.
    LosesAnswer,
    /// Pays, and every event comes twice.
    WebhookTwice,
    /// Is processed for a while, then pays.
    Processes,
    /// Is processed for a while, then declines.
    ProcessesThenDeclines,
    /// Pays; a refund is pending for a while.
    RefundPends,
    /// Pays; a refund is pending for a while, then fails.
    RefundFails,
}

const NO: &str = "card_declined";
const YOUR_CARD: &str = "Your card was declined.";

use Behaviour::*;
const ALL: &[(&str, Behaviour)] = &[
    ("pm_card_visa", Pays),
    ("pm_card_visa_debit", Pays),
    ("pm_card_mastercard", Pays),
    ("pm_card_amex", Pays),
    ("pm_card_visa_chargeDeclined", Declines(NO, "generic_decline", YOUR_CARD)),
    (
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        Declines(NO, "insufficient_funds", "Your card has insufficient funds."),
    ),
    ("pm_card_visa_chargeDeclinedLostCard", Declines(NO, "lost_card", YOUR_CARD)),
    ("pm_card_visa_chargeDeclinedStolenCard", Declines(NO, "stolen_card", YOUR_CARD)),
    (
        "pm_card_chargeDeclinedExpiredCard",
        Declines("expired_card", "expired_card", "Your card has expired."),
    ),
    (
        "pm_card_chargeDeclinedIncorrectCvc",
        Declines("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    ),
    (
        "pm_card_chargeDeclinedProcessingError",
        Declines(
            "processing_error",
            "processing_error",
            "An error occurred while processing your card.",
        ),
    ),
    ("pm_card_radarBlock", Declines(NO, "fraudulent", YOUR_CARD)),
    (
        "pm_card_authenticationRequired",
        Declines(
            "authentication_required",
            "authentication_required",
            "Your card must be authenticated.",
        ),
    ),
    ("pm_card_pendingRefund", RefundPends),
    ("pm_card_refundFail", RefundFails),
    ("pm_sandbox_slow", Slow),
    ("pm_sandbox_timeout", TimesOut),
    ("pm_sandbox_lost", LosesAnswer),
    ("pm_sandbox_twice", WebhookTwice),
    ("pm_sandbox_processing", Processes),
    ("pm_sandbox_processing_declined", ProcessesThenDeclines),
];

impl Method {
    pub(crate) fn named(name: &str) -> Result<Self, Refusal> {
        let found = ALL.iter().position(|(known, _)| *known == name);
        found.map(Method).ok_or_else(|| Refusal::missing("payment_method", "PaymentMethod", name))
    }

    pub(crate) fn name(self) -> &'static str {
        ALL.get(self.0).map_or("", |(name, _)| name)
    }

    pub(crate) fn behaviour(self) -> Behaviour {
        ALL.get(self.0).map_or(Pays, |(_, behaviour)| *behaviour)
    }
}

impl From<Method> for String {
    fn from(method: Method) -> String {
        method.name().to_owned()
    }
}

impl TryFrom<String> for Method {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        Method::named(&name).map_err(|_| format!("there is no method {name:?}"))
    }
}
