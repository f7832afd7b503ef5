use ::time::OffsetDateTime;
use ::time::format_description::well_known::Rfc3339;

/// Microseconds since the Unix epoch as answers show a time: RFC 3339, in UTC.
pub fn rfc3339(micros: i64) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}
