//! How a handler fails: the failure states the record's fate at the call site.

use std::borrow::Cow;

/// Why a record was not handled, and with that what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Try this record again later; records of other keys go on meanwhile.
    Retry(Cow<'static, str>),
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
            | Failure::InDoubt(why)
            | Failure::Reject(why)
            | Failure::Unavailable(why) => why,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let fate = match self {
            Failure::Retry(_) => "retry",
            Failure::InDoubt(_) => "in doubt",
            Failure::Reject(_) => "reject",
            Failure::Unavailable(_) => "unavailable",
        };
        write!(f, "{fate}: {}", self.reason())
    }
}

impl std::error::Error for Failure {}

/// A database that cannot be reached stops the flow; one that answers with an error is asked
/// again for this record, and in the end the record is dead-lettered.
impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Failure::unavailable(format!("database: {error}")),
            sqlx::Error::Database(db) if server_is_away(db.code().as_deref()) => {
                Failure::unavailable(format!("database: {error}"))
            }
            _ => Failure::retry(format!("database: {error}")),
        }
    }
}

/// PostgreSQL's classes 08 (connection), 53 (resources) and 57P (operator intervention), and
/// SQLite's BUSY, LOCKED, IOERR, FULL and CANTOPEN.
fn server_is_away(code: Option<&str>) -> bool {
    let Some(code) = code else { return false };
    if code.len() == 5 && !code.bytes().all(|b| b.is_ascii_digit() && b == b'0') {
        return code.starts_with("08") || code.starts_with("53") || code.starts_with("57P");
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
        assert!(!server_is_away(Some("23505")) && !server_is_away(Some("2067")));
    }
}
