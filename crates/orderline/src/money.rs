//! Decimal amounts, as files have them.

use shop_events::money::decimals;

/// `11.77` of `EUR` is `1177`. Exact: nothing is rounded.
pub(crate) fn minor(text: &str, currency: &str) -> Result<i64, String> {
    let places = decimals(currency)
        .map(|places| places as usize)
        .ok_or_else(|| format!("currency {currency:?} is no ISO 4217 code, as EUR is one"))?;
    let wrong = || format!("{text:?} is no amount: write it as 11.77, without sign or separators");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return Err(wrong());
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > places {
        return Err(format!("{text} has more decimals than the {places} of {currency}"));
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .map_err(|_| format!("{text} is more than can be counted"))
}

#[cfg(test)]
mod tests {
    use super::minor;

    #[test]
    fn decimals_become_minor_units_exactly() {
        for (text, currency, minor_units) in [
            ("11.77", "EUR", 1177),
            ("0", "EUR", 0),
            ("0.00", "EUR", 0),
            ("1.5", "EUR", 150),
            ("1.50000", "EUR", 150),
            ("1200", "JPY", 1200),
            ("1.234", "KWD", 1234),
            ("92233720368547758.07", "EUR", i64::MAX),
        ] {
            assert_eq!(minor(text, currency), Ok(minor_units), "{text} {currency}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for (text, currency) in [
            ("", "EUR"),
            ("-1", "EUR"),
            ("+1", "EUR"),
            ("1,50", "EUR"),
            (".5", "EUR"),
            ("5.", "EUR"),
            ("1e2", "EUR"),
            ("1.234", "EUR"),
            ("1.5", "JPY"),
            ("92233720368547758.08", "EUR"),
            ("1", "eur"),
        ] {
            assert!(minor(text, currency).is_err(), "{text} {currency}");
        }
    }
}
