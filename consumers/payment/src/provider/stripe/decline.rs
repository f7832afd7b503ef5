//! Stripe's reasons as ours. Its words are for customers: it leaves out of them what they must not
//! know, as that a card is reported stolen.

use shop_events::DeclineReason;

use super::objects::ErrorObject;
use crate::domain::Decline;

pub(super) fn of(error: &ErrorObject) -> Decline {
    let code = error.decline_code.as_deref().or(error.code.as_deref()).unwrap_or_default();
    let words = error.message.as_deref().unwrap_or("The payment was declined.");
    Decline::new(reason(code), words)
}

fn reason(code: &str) -> DeclineReason {
    match code {
        "insufficient_funds"
        | "card_velocity_exceeded"
        | "withdrawal_count_limit_exceeded"
        | "charge_exceeds_source_limit" => DeclineReason::InsufficientFunds,
        "fraudulent" | "merchant_blacklist" | "security_violation" | "highest_risk_level" => {
            DeclineReason::SuspectedFraud
        }
        "expired_card"
        | "lost_card"
        | "stolen_card"
        | "pickup_card"
        | "restricted_card"
        | "invalid_account"
        | "incorrect_number"
        | "invalid_number"
        | "incorrect_cvc"
        | "invalid_cvc"
        | "incorrect_zip"
        | "incorrect_address"
        | "invalid_expiry_month"
        | "invalid_expiry_year"
        | "new_account_information_available"
        | "card_not_supported"
        | "currency_not_supported"
        | "invalid_amount"
        | "not_permitted"
        | "transaction_not_allowed"
        | "authentication_required"
        | "payment_method_not_available"
        | "resource_missing" => DeclineReason::InvalidMethod,
        _ => DeclineReason::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decline_code_counts_before_the_code() {
        let error = |code: &str, decline: Option<&str>| ErrorObject {
            code: Some(code.into()),
            decline_code: decline.map(str::to_owned),
            ..ErrorObject::default()
        };
        for (error, expected) in [
            (error("card_declined", Some("insufficient_funds")), DeclineReason::InsufficientFunds),
            (error("card_declined", Some("fraudulent")), DeclineReason::SuspectedFraud),
            (error("card_declined", Some("stolen_card")), DeclineReason::InvalidMethod),
            (error("card_declined", Some("generic_decline")), DeclineReason::Other),
            (error("expired_card", None), DeclineReason::InvalidMethod),
            (ErrorObject::default(), DeclineReason::Other),
        ] {
            assert_eq!(of(&error).reason, expected, "{error:?}");
        }
    }
}
