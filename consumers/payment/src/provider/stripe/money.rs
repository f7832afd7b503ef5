//! Amounts as Stripe counts them: in the minor unit of ISO 4217, but for a few.

use crate::domain::Decline;
use crate::provider::Trouble;
use shop_events::DeclineReason;

/// Currencies without a minor unit, of which Stripe wants hundredths all the same.
const HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];
/// The decimals of currencies of which Stripe takes no thousandths, though it counts in them.
const THOUSANDTHS: u32 = 3;

/// Our minor units as Stripe's.
pub(super) fn to_stripe(amount: i64, currency: &str) -> Result<i64, Trouble> {
    let wrong = |words: &str| Trouble::Declined(Decline::new(DeclineReason::Other, words));
    if HUNDREDTHS.contains(&currency) {
        return amount.checked_mul(100).ok_or_else(|| wrong("that is too much"));
    }
    if shop_events::money::decimals(currency) == Some(THOUSANDTHS) && amount % 10 != 0 {
        return Err(wrong("the last decimal of this currency must be 0"));
    }
    Ok(amount)
}

/// Stripe's as ours.
pub(super) fn from_stripe(amount: i64, currency: &str) -> i64 {
    if HUNDREDTHS.contains(&currency) { amount / 100 } else { amount }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_those_of_iso_4217_but_for_a_few() {
        for (amount, currency, stripe) in
            [(1_177, "EUR", 1_177), (500, "JPY", 500), (500, "ISK", 50_000), (1_230, "KWD", 1_230)]
        {
            assert_eq!(to_stripe(amount, currency), Ok(stripe), "{currency}");
            assert_eq!(from_stripe(stripe, currency), amount, "{currency}");
        }
        assert!(matches!(to_stripe(1_235, "KWD"), Err(Trouble::Declined(_))));
        assert!(matches!(to_stripe(i64::MAX, "UGX"), Err(Trouble::Declined(_))));
    }
}
