//! What an answer of Stripe's means.

use reqwest::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shop_events::DeclineReason;

use super::decline;
use super::objects::{ErrorObject, IntentObject};
use crate::domain::Decline;
use crate::provider::Trouble;

/// An answer that says yes, or what it says no with.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// An answer that was kept from an earlier request under the same key.
    pub(super) replayed: bool,
    pub(super) body: Vec<u8>,
}

#[derive(Deserialize)]
struct Refusal {
    error: ErrorObject,
}

impl Answer {
    /// The object in it; or what is wrong.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Trouble> {
        if !self.status.is_success() {
            return Err(self.trouble(self.error()));
        }
        let unread = |error| Trouble::NoAnswer(format!("its answer cannot be read: {error}"));
        serde_json::from_slice(&self.body).map_err(unread)
    }

    /// The payment in it, also that of a card which was declined.
    pub(super) fn intent(&self) -> Result<IntentObject, Trouble> {
        if self.status != StatusCode::PAYMENT_REQUIRED {
            return self.read();
        }
        let mut error = self.error();
        match error.payment_intent.take() {
            Some(intent) => Ok(*intent),
            None => Err(Trouble::State("declined".into())),
        }
    }

    fn error(&self) -> ErrorObject {
        serde_json::from_slice::<Refusal>(&self.body).map(|r| r.error).unwrap_or_default()
    }

    /// What became of the request, by status and code; its words are Stripe's, for the log.
    fn trouble(&self, error: ErrorObject) -> Trouble {
        let code = error.code.as_deref().unwrap_or_default();
        let words = error.message.clone().unwrap_or_default();
        let why = Decline::new(DeclineReason::Other, &words).detail.unwrap_or_default();
        let why = format!("{} {code}: {why}", self.status.as_u16());
        match self.status.as_u16() {
            401 | 403 => Trouble::Away(format!(
                "it refuses our key, look at ORDERLINE_STRIPE_KEY or --stripe-key-file: {why}"
            )),
            409 => Trouble::Busy(why),
            // Somebody else is at the same payment.
            429 if code == "lock_timeout" => Trouble::Busy(why),
            429 => Trouble::Away(why),
            402 => Trouble::Declined(decline::of(&error)),
            400 => match code {
                "payment_intent_unexpected_state" | "charge_already_refunded" => {
                    Trouble::State(why)
                }
                "amount_too_small" | "amount_too_large" => {
                    Trouble::Declined(Decline::new(DeclineReason::Other, &words))
                }
                _ if error.param.as_deref() == Some("payment_method") => {
                    Trouble::Declined(Decline::new(DeclineReason::InvalidMethod, &words))
                }
                _ if error.param.as_deref() == Some("currency") => {
                    Trouble::Declined(Decline::new(DeclineReason::Other, &words))
                }
                _ => Trouble::Wrong(why),
            },
            500.. => Trouble::NoAnswer(why),
            _ => Trouble::Wrong(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(status: u16, error: &str) -> Trouble {
        let body = format!(r#"{{"error":{error}}}"#).into_bytes();
        let status = StatusCode::from_u16(status).expect("a status");
        Answer { status, replayed: false, body }.read::<IntentObject>().expect_err("a refusal")
    }

    #[test]
    fn what_was_not_done_and_what_may_have_been_done_are_told_apart() {
        assert!(matches!(trouble(401, r#"{"message":"no"}"#), Trouble::Away(_)));
        assert!(matches!(trouble(429, "{}"), Trouble::Away(_)));
        assert!(matches!(trouble(429, r#"{"code":"lock_timeout"}"#), Trouble::Busy(_)));
        assert!(matches!(trouble(409, r#"{"type":"idempotency_error"}"#), Trouble::Busy(_)));
        assert!(matches!(trouble(500, "{}"), Trouble::NoAnswer(_)));
        assert!(matches!(trouble(503, "<html>"), Trouble::NoAnswer(_)));
    }

    #[test]
    fn what_the_customer_can_do_nothing_about_is_no_decline() {
        let state = r#"{"code":"payment_intent_unexpected_state"}"#;
        assert!(matches!(trouble(400, state), Trouble::State(_)));
        assert!(matches!(trouble(400, r#"{"type":"idempotency_error"}"#), Trouble::Wrong(_)));
        assert!(matches!(trouble(404, r#"{"code":"resource_missing"}"#), Trouble::Wrong(_)));
        let method = r#"{"code":"resource_missing","param":"payment_method","message":"No such"}"#;
        let Trouble::Declined(decline) = trouble(400, method) else { panic!("is declined") };
        assert_eq!(decline.reason, DeclineReason::InvalidMethod);
    }

    #[test]
    fn an_answer_that_is_cut_off_is_no_answer() {
        let cut =
            Answer { status: StatusCode::OK, replayed: false, body: b"{\"id\":\"pi_".to_vec() };
        assert!(matches!(cut.read::<IntentObject>(), Err(Trouble::NoAnswer(_))));
    }
}
