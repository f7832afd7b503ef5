//! Amounts as Stripe counts them, in units of its own: mostly the minor unit of ISO 4217, but not
//! always. A currency that is not in its list is declined, rather than charged by a guess.

use shop_events::DeclineReason;
use shop_events::money::decimals;

use crate::domain::Decline;
use crate::provider::Trouble;

/// Without decimals at Stripe. ISO 4217 gives MGA two.
const WHOLE: &str = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF";
/// With two. ISK and UGX have none any more, and Stripe wants hundredths that are 00 all the same. HUF
/// and TWD may have decimals in a charge, only in payouts they may not.
const HUNDREDTHS: &str = "\
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CNY COP CRC CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
    HRK HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP \
    MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD \
    SCR SEK SGD SHP SLE SOS SRD STD SVC SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD \
    XCG YER ZAR ZMW";
/// With three, of which the last must be 0.
const THOUSANDTHS: &str = "BHD JOD KWD OMR TND";

/// The decimals that Stripe counts a currency with.
fn decimals_at_stripe(currency: &str) -> Option<u32> {
    let is_in = |list: &str| list.split(' ').any(|code| code == currency);
    [(WHOLE, 0), (HUNDREDTHS, 2), (THOUSANDTHS, 3)]
        .into_iter()
        .find_map(|(list, decimals)| is_in(list).then_some(decimals))
}

/// How many of their units are one of ours, and of ours one of theirs: one of the two is 1.
fn scale(currency: &str) -> Option<(i64, i64)> {
    let (ours, theirs) = (decimals(currency)?, decimals_at_stripe(currency)?);
    Some((10_i64.pow(theirs.saturating_sub(ours)), 10_i64.pow(ours.saturating_sub(theirs))))
}

/// Our minor units as Stripe's, to the last one.
pub(super) fn to_stripe(amount: i64, currency: &str) -> Result<i64, Trouble> {
    let wrong = |words: &str| Trouble::Declined(Decline::new(DeclineReason::Other, words));
    let (times, per) = scale(currency).ok_or_else(|| wrong("this currency cannot be charged"))?;
    if amount % per != 0 {
        return Err(wrong("this currency is charged without decimals"));
    }
    if THOUSANDTHS.contains(currency) && amount % 10 != 0 {
        return Err(wrong("the last decimal of this currency must be 0"));
    }
    (amount / per).checked_mul(times).ok_or_else(|| wrong("that is too much"))
}

/// Stripe's as ours.
pub(super) fn from_stripe(amount: i64, currency: &str) -> Result<i64, Trouble> {
    let wrong = || Trouble::Wrong(format!("{amount} {currency} at the provider is no amount here"));
    let (times, per) = scale(currency).ok_or_else(wrong)?;
    if amount % times != 0 {
        return Err(wrong());
    }
    (amount / times).checked_mul(per).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Stripe counts 120 of a currency as, by its own pages: written apart from the tables above.
    fn stripes_120(currency: &str) -> i64 {
        match currency {
            "BIF" | "CLP" | "DJF" | "GNF" | "JPY" | "KMF" | "KRW" | "MGA" | "PYG" | "RWF"
            | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 120,
            "BHD" | "JOD" | "KWD" | "OMR" | "TND" => 120_000,
            _ => 12_000,
        }
    }

    #[test]
    fn every_currency_of_stripes_is_charged_as_much_as_the_order_costs() {
        let all =
            [WHOLE, HUNDREDTHS, THOUSANDTHS].map(|list| list.split(' ')).into_iter().flatten();
        let mut known = 0;
        for currency in all {
            let ours = 120 * 10_i64.pow(decimals(currency).expect("a code"));
            let theirs = stripes_120(currency);
            assert_eq!(to_stripe(ours, currency), Ok(theirs), "{currency}");
            assert_eq!(from_stripe(theirs, currency), Ok(ours), "{currency}");
            known += 1;
        }
        assert_eq!(known, 144);
    }

    #[test]
    fn what_stripe_counts_otherwise_than_iso_4217_is_converted() {
        for (amount, currency, stripe) in [
            (1_177, "EUR", 1_177),
            (500, "JPY", 500),
            (50_000, "MGA", 500),
            (500, "ISK", 50_000),
            (500, "UGX", 50_000),
            (1_177, "HUF", 1_177),
            (1_177, "TWD", 1_177),
            (1_230, "KWD", 1_230),
        ] {
            assert_eq!(to_stripe(amount, currency), Ok(stripe), "{currency}");
            assert_eq!(from_stripe(stripe, currency), Ok(amount), "{currency}");
        }
    }

    #[test]
    fn what_cannot_be_charged_to_the_last_unit_is_declined() {
        for (amount, currency) in [
            (1_177, "MGA"),
            (1_235, "KWD"),
            (i64::MAX, "UGX"),
            (1_000, "IQD"),
            (1_000, "STN"),
            (1_000, "XXX"),
            (1_000, "eur"),
            (1_000, "EUR BGN"),
            (1_000, ""),
        ] {
            let said = to_stripe(amount, currency);
            assert!(matches!(said, Err(Trouble::Declined(_))), "{amount} {currency}: {said:?}");
        }
    }

    #[test]
    fn a_part_of_our_unit_is_no_amount() {
        assert!(matches!(from_stripe(50_050, "ISK"), Err(Trouble::Wrong(_))));
        assert!(matches!(from_stripe(1_000, "IQD"), Err(Trouble::Wrong(_))));
    }
}
