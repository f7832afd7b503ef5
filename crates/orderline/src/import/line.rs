//! One line of the file.

use time::format_description::well_known::{Iso8601, Rfc3339};
use time::{Date, OffsetDateTime};

use crate::money;
use crate::sheet::{Row, label};

pub(crate) const COLUMNS: [&str; 8] =
    ["channel", "order_ref", "user_ref", "placed_at", "sku", "quantity", "line_total", "currency"];

/// Which order a line belongs to: channel and order_ref.
pub(super) type OrderKey = (String, String);

/// A line that can be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) user_ref: String,
    /// Microseconds since 1970, UTC.
    pub(super) placed_at: i64,
    pub(super) currency: String,
    pub(super) sku: String,
    pub(super) quantity: i64,
    /// Minor units.
    pub(super) total: i64,
}

/// The order a row belongs to, if the row says so, also when it is bad otherwise.
pub(super) fn order_key(row: &Row) -> Option<OrderKey> {
    let (channel, order_ref) = (row.cells.first()?, row.cells.get(1)?);
    let known = label("channel", channel).is_ok() && label("order_ref", order_ref).is_ok();
    known.then(|| (channel.clone(), order_ref.clone()))
}

/// The line, or what is wrong with it.
pub(super) fn parse(row: &Row) -> Result<Line, String> {
    if let Some(wrong) = &row.wrong {
        return Err(wrong.clone());
    }
    let [channel, order_ref, user_ref, placed_at, sku, quantity, total, currency] = &row.cells[..]
    else {
        return Err(format!("has not the columns {}", COLUMNS.join(",")));
    };
    label("channel", channel)?;
    label("order_ref", order_ref)?;
    let amount = quantity.parse().ok().filter(|quantity: &i64| *quantity >= 1);
    Ok(Line {
        user_ref: label("user_ref", user_ref)?.to_owned(),
        placed_at: micros(placed_at)?,
        sku: label("sku", sku)?.to_owned(),
        quantity: amount.ok_or_else(|| {
            format!("quantity is {quantity:?}, and must be a whole number from 1")
        })?,
        total: money::minor(total, currency).map_err(|why| format!("line_total: {why}"))?,
        currency: currency.clone(),
    })
}

/// RFC 3339, or a date, which is its first moment in UTC.
fn micros(text: &str) -> Result<i64, String> {
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| Date::parse(text, &Iso8601::DATE).map(|date| date.midnight().assume_utc()))
        .map_err(|_| {
            format!("placed_at is {text:?}: write it as 2026-01-31T12:00:00Z or as 2026-01-31")
        })?;
    let micros = i64::try_from(time.unix_timestamp_nanos() / 1_000).unwrap_or(-1);
    if micros < 0 {
        return Err(format!("placed_at is {text:?}, which is before 1970"));
    }
    Ok(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rfc_3339_or_dates() {
        assert_eq!(micros("1970-01-02"), Ok(86_400_000_000));
        assert_eq!(micros("1970-01-01T01:00:00.5+01:00"), Ok(500_000));
        for bad in
            ["", "02.01.1970", "1970-13-01", "2026-02-30", "1969-12-31", "12:00", "2026-01-01 1"]
        {
            assert!(micros(bad).is_err(), "{bad}");
        }
    }
}
