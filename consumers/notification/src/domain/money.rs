//! Amounts as people read them.

use shop_events::money::decimals;

/// `1177` of `EUR` is `11.77 EUR`.
pub(crate) fn format(minor: i64, currency: &str) -> String {
    let decimals = decimals(currency).unwrap_or(2);
    let sign = if minor < 0 { "-" } else { "" };
    let (unit, minor) = (10_u64.pow(decimals), minor.unsigned_abs());
    let whole = minor / unit;
    if decimals == 0 {
        return format!("{sign}{whole} {currency}");
    }
    let width = decimals as usize;
    format!("{sign}{whole}.{:0width$} {currency}", minor % unit)
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn each_currency_has_its_own_decimals() {
        for (minor, currency, text) in [
            (1177, "EUR", "11.77 EUR"),
            (5, "EUR", "0.05 EUR"),
            (0, "USD", "0.00 USD"),
            (1177, "JPY", "1177 JPY"),
            (1177, "KWD", "1.177 KWD"),
            (-205, "EUR", "-2.05 EUR"),
            (i64::MIN, "EUR", "-92233720368547758.08 EUR"),
        ] {
            assert_eq!(format(minor, currency), text);
        }
    }
}
