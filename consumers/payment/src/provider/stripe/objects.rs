//! Stripe's objects, as far as they matter here. What is not known in them is passed over.

use serde::Deserialize;
use shop_events::DeclineReason;

use super::{decline, money};
use crate::domain::{Decline, Intent, Outcome, Refund, Status};
use crate::provider::Trouble;

#[derive(Debug, Deserialize)]
pub(super) struct IntentObject {
    pub(super) id: String,
    amount: i64,
    currency: String,
    status: String,
    #[serde(default)]
    last_payment_error: Option<ErrorObject>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RefundObject {
    id: String,
    amount: i64,
    currency: String,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// An error, and what a declined payment was declined with.
#[derive(Debug, Default, Deserialize)]
pub(super) struct ErrorObject {
    #[serde(default, rename = "type")]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) code: Option<String>,
    #[serde(default)]
    pub(super) decline_code: Option<String>,
    #[serde(default)]
    pub(super) param: Option<String>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) payment_intent: Option<Box<IntentObject>>,
}

impl IntentObject {
    pub(super) fn understood(self) -> Result<Intent, Trouble> {
        let status = match self.status.as_str() {
            "requires_confirmation" => Status::Ready,
            "processing" => Status::Processing,
            "succeeded" => Status::Succeeded,
            "canceled" => Status::Cancelled,
            // It had a method when it was made, which was taken from it because it did not pay.
            "requires_payment_method" => {
                Status::Declined(decline::of(&self.last_payment_error.unwrap_or_default()))
            }
            "requires_action" => {
                let words = "the bank wants to hear from the customer";
                Status::Declined(Decline::new(DeclineReason::InvalidMethod, words))
            }
            other => return Err(Trouble::Wrong(format!("the payment is {other}"))),
        };
        let currency = self.currency.to_uppercase();
        let amount = money::from_stripe(self.amount, &currency)?;
        Ok(Intent { id: self.id, amount, currency, status })
    }
}

impl RefundObject {
    pub(super) fn understood(self) -> Result<Refund, Trouble> {
        let outcome = match self.status.as_deref() {
            Some("succeeded") | None => Outcome::Succeeded,
            Some("pending" | "requires_action") => Outcome::Pending,
            Some("failed" | "canceled") => Outcome::Failed,
            Some(other) => return Err(Trouble::Wrong(format!("the refund is {other}"))),
        };
        let amount = money::from_stripe(self.amount, &self.currency.to_uppercase())?;
        Ok(Refund { id: self.id, amount, outcome })
    }
}
