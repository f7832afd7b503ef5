//! How a handler fails: the failure states the record's fate at the call site.

use std::borrow::Cow;
use std::time::Duration;

/// Why a record was not handled, and with that what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Try this record again later; records of other keys go on meanwhile.
    Retry(Cow<'static, str>),
    /// As retry, and not before so long: whoever was asked said so.
    RetryAfter(Cow<'static, str>, Duration),
    /// As retry, and an effect outside may have happened all the same: no answer came. The next
    /// try is told that it is in doubt.
    InDoubt(Cow<'static, str>),
    /// This record can never be handled: to the dead-letter topic with it.
    Reject(Cow<'static, str>),
    /// Something every record needs (database, registry, mail server) is away. It is not the
    /// record's fault: the flow stops, and goes on when the thing is back. Not counted as a try.
    Unavailable(Cow<'static, str>),
}

impl Failure {
    /// Try this record again later.
    pub fn retry(why: impl ToString) -> Self {
        Failure::Retry(why.to_string().into())
    }

    /// Try this record again, and not before `wait` is over.
    pub fn retry_after(why: impl ToString, wait: Duration) -> Self {
        Failure::RetryAfter(why.to_string().into(), wait)
    }

    /// Try this record again later, and tell the next try that this one may have had its effect.
    pub fn in_doubt(why: impl ToString) -> Self {
        Failure::InDoubt(why.to_string().into())
    }

    /// Dead-letter this record.
    pub fn reject(why: impl ToString) -> Self {
        Failure::Reject(why.to_string().into())
    }

    /// Stop the flow until what is missing is back.
    pub fn unavailable(why: impl ToString) -> Self {
        Failure::Unavailable(why.to_string().into())
    }

    /// The reason, for logs and for the dead letter's header.
    pub fn reason(&self) -> &str {
        match self {
            Failure::Retry(why)
            | Failure::RetryAfter(why, _)
            | Failure::InDoubt(why)
            | Failure::Reject(why)
            | Failure::Unavailable(why) => why,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fate = match self {
            Failure::Retry(_) | Failure::RetryAfter(..) => "retry",
            Failure::InDoubt(_) => "in doubt",
            Failure::Reject(_) => "reject",
            Failure::Unavailable(_) => "unavailable",
        };
        write!(f, "{fate}: {}", self.reason())
    }
}

impl std::error::Error for Failure {}

/// A database that cannot be used by anyone stops the flow. One that cannot hold what the record
/// says (PostgreSQL's class 22: a NUL in a text, a number too large) never will. Any other error is
/// asked about again for this record, and in the end the record is dead-lettered.
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        let why = format!("database: {error}");
        let code = error.as_database_error().and_then(|db| db.code());
        match code {
            _ if is_outage(&error) => Failure::unavailable(why),
            Some(code) if code.len() == 5 && code.starts_with("22") => Failure::reject(why),
            _ => Failure::retry(why),
        }
    }
}

/// Whether the database cannot be used now, whatever is asked of it.
pub(crate) fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(db) => server_is_away(db.code().as_deref()),
        _ => false,
    }
}

/// SQLite's BUSY, LOCKED, IOERR, FULL and CANTOPEN. PostgreSQL's classes 08 (connection),
/// 28 (authorization), 53 (resources), 57P (operator intervention) and 58 (system), and:
/// a server that only reads (25006), as a standby does after a failover; a session that was ended
/// because this process stood still (25P03); a database that is not there (3D000); and a user who
/// may not do this (42501).
fn server_is_away(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    if code.len() == 5 {
        let classes = ["08", "28", "53", "57P", "58", "25006", "25P03", "3D000", "42501"];
        return classes.iter().any(|class| code.starts_with(class));
    }
    code.parse::<u32>().is_ok_and(|n| matches!(n & 0xff, 5 | 6 | 10 | 13 | 14))
}

impl From<crate::codec::EncodeError> for Failure {
    fn from(error: crate::codec::EncodeError) -> Self {
        Failure::reject(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_database_is_not_the_records_fault() {
        assert!(matches!(Failure::from(sqlx::Error::PoolTimedOut), Failure::Unavailable(_)));
        assert!(matches!(Failure::from(sqlx::Error::RowNotFound), Failure::Retry(_)));
        assert!(server_is_away(Some("08006")) && server_is_away(Some("57P01")));
        assert!(server_is_away(Some("5")) && server_is_away(Some("517")));
        assert!(server_is_away(Some("25006")) && server_is_away(Some("28P01")));
        assert!(!server_is_away(Some("23505")) && !server_is_away(Some("2067")));
        assert!(!server_is_away(Some("40001")) && !server_is_away(Some("25P02")));
    }
}
