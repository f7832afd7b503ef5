//! Why PostgreSQL is not to be talked to, in words that name the setting to look at.

use std::error::Error;

/// Nothing where it is an outage, or about something else than who we are and how we speak.
pub(crate) fn explain(error: &sqlx::Error) -> Option<String> {
    let said = words(error);
    let why = match error {
        sqlx::Error::Database(db) => match db.code()?.as_ref() {
            "28000" if said.contains("encryption") => {
                "it does not let this user in from here so: look at the user and sslmode in --database, and at its pg_hba.conf"
            }
            "28P01" | "28000" => {
                "it refuses the login: look at the user in --database, and --database-password-file or ORDERLINE_DATABASE_PASSWORD"
            }
            "42501" => {
                "its user lacks a right: have it granted there, or look at the user in --database"
            }
            _ => return None,
        },
        sqlx::Error::Tls(_) if said.contains("not support TLS") => {
            "it does not speak TLS: look at sslmode in --database"
        }
        sqlx::Error::Tls(_) if said.contains("expired") => {
            "its certificate has expired: renew it there, or the authority's own in sslrootcert of --database"
        }
        sqlx::Error::Tls(_) if said.contains("mismatch") => {
            "its certificate is for another host than --database names"
        }
        sqlx::Error::Tls(_) if said.contains("certificate verify failed") => {
            "its certificate is not signed by the authority in sslrootcert of --database"
        }
        sqlx::Error::Tls(_) => "TLS with it fails: look at sslmode and sslrootcert in --database",
        _ => return None,
    };
    Some(format!("{why} ({said})"))
}

/// The error and what caused it: what OpenSSL found is often not in the first one's words.
fn words(error: &sqlx::Error) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        source = cause.source();
    }
    words
}
