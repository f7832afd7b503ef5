//! Times as people read them.

/// The day in UTC, `5 March 2026`; empty for a time that no calendar has.
pub(crate) fn day(micros: i64) -> String {
    time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .map(|at| format!("{} {} {}", at.day(), at.month(), at.year()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn a_day_is_written_out() {
        assert_eq!(day(1_772_668_800_000_000), "5 March 2026");
        assert_eq!(day(i64::MAX), "");
    }
}
