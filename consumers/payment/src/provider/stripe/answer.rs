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

    /// The payment that was to be made known. What is refused about it is declined.
    pub(super) fn made(&self) -> Result<IntentObject, Trouble> {
        match self.about_the_order(&self.error()) {
            Some(decline) => Err(Trouble::Declined(decline)),
            None => self.read(),
        }
    }

    /// The same of one that was to be charged, also that of a card which was declined.
    pub(super) fn confirmed(&self) -> Result<IntentObject, Trouble> {
        if self.status != StatusCode::PAYMENT_REQUIRED {
            return self.made();
        }
        let mut error = self.error();
        match error.payment_intent.take() {
            Some(intent) => Ok(*intent),
            None => Err(Trouble::State("declined".into())),
        }
    }

    /// Why the order cannot be charged, where the request is refused because of what the order brings
    /// into it: method, amount and currency. All else in it is ours, and so is the mistake. Of a method
    /// that was used before Stripe says nothing but a sentence, which is for us: it is logged.
    fn about_the_order(&self, error: &ErrorObject) -> Option<Decline> {
        let refused = matches!(self.status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND);
        if !refused || error.kind.as_deref() != Some("invalid_request_error") {
            return None;
        }
        let words = error.message.as_deref().unwrap_or_default();
        match (error.code.as_deref(), error.param.as_deref()) {
            (Some("parameter_unknown"), _) => None,
            (Some("amount_too_small" | "amount_too_large"), _)
            | (_, Some("amount" | "currency")) => Some(Decline::new(DeclineReason::Other, words)),
            (_, Some("payment_method")) => Some(Decline::new(DeclineReason::InvalidMethod, words)),
            (None, None) => {
                tracing::warn!(
                    failure.reason = words,
                    "Stripe refuses to charge a payment method; it is declined"
                );
                let words = "the payment method cannot be charged, or not again";
                Some(Decline::new(DeclineReason::InvalidMethod, words))
            }
            _ => None,
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

    fn answer(status: u16, error: &str) -> Answer {
        let body = format!(r#"{{"error":{error}}}"#).into_bytes();
        let status = StatusCode::from_u16(status).expect("a status");
        Answer { status, replayed: false, body }
    }

    fn trouble(status: u16, error: &str) -> Trouble {
        answer(status, error).read::<IntentObject>().expect_err("a refusal")
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
        for own in [
            r#"{"type":"idempotency_error","message":"Keys for idempotent requests"}"#,
            r#"{"type":"invalid_request_error","code":"parameter_unknown","param":"payment_method"}"#,
            r#"{"type":"invalid_request_error","code":"parameter_missing","param":"metadata"}"#,
            r#"{"type":"invalid_request_error","code":"url_invalid"}"#,
            r#"{"message":"nobody knows who says this"}"#,
        ] {
            let said = answer(400, own).made();
            assert!(matches!(said, Err(Trouble::Wrong(_))), "{own}: {said:?}");
        }
        assert!(matches!(answer(404, "{}").confirmed(), Err(Trouble::Wrong(_))));
    }

    #[test]
    fn what_the_order_brings_and_cannot_be_charged_is_a_decline() {
        use DeclineReason::{InvalidMethod, Other};
        let used =
            r#""message":"The provided PaymentMethod was previously used with a PaymentIntent""#;
        for (status, rest, reason) in [
            (400, r#""code":"resource_missing","param":"payment_method""#, InvalidMethod),
            (404, r#""code":"resource_missing","param":"payment_method""#, InvalidMethod),
            (400, r#""code":"amount_too_small","param":"amount""#, Other),
            (400, r#""param":"currency""#, Other),
            (400, used, InvalidMethod),
        ] {
            let error = format!(r#"{{"type":"invalid_request_error",{rest}}}"#);
            for said in [answer(status, &error).made(), answer(status, &error).confirmed()] {
                let Err(Trouble::Declined(decline)) = said else { panic!("{rest}: {said:?}") };
                assert_eq!(decline.reason, reason, "{rest}");
            }
            // Whoever takes back or gives back is not declined.
            assert!(matches!(trouble(status, &error), Trouble::Wrong(_)), "{rest}");
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_is_no_answer() {
        let cut =
            Answer { status: StatusCode::OK, replayed: false, body: b"{\"id\":\"pi_".to_vec() };
        assert!(matches!(cut.read::<IntentObject>(), Err(Trouble::NoAnswer(_))));
    }
}
