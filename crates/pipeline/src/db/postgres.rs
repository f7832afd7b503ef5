//! PostgreSQL: what a session is told at its start, and the locks by which instances take turns.

use std::sync::Arc;

use sqlx::{AnyConnection, AnyPool, AssertSqlSafe};

use super::Company;

/// Of each instance. A server takes 100 in all unless it is told otherwise.
const CONNECTIONS: u32 = 10;

/// What every session is told. A process that stands still (SIGSTOP, a machine that is suspended)
/// keeps its connections open, and with them its transactions and their locks: after so long
/// PostgreSQL ends the session of one that says nothing inside a transaction, or takes nothing of
/// what it has asked for. A process that lives never says nothing for so long: between two
/// statements it waits for the registry at most, and the relay speaks while it waits for the broker.
const SESSION: &str =
    "SET idle_in_transaction_session_timeout = '15s'; SET tcp_user_timeout = '15s'";

/// Who waits for another's row has lost already: once that one commits, the row is newer than the
/// snapshot, and the statement fails. Nobody waits long for that.
const BESIDE: &str = "LOCK TABLE turn IN ROW SHARE MODE; SET LOCAL lock_timeout = '20ms'";
const ALONE: &str = "LOCK TABLE turn IN EXCLUSIVE MODE";

/// Numbers of this program's own among the advisory locks of a database, a number a purpose.
pub(super) const MIGRATING: i32 = 1_869_767_681;
pub(super) const RELAYING: i32 = 1_869_767_682;

pub(super) async fn connect(url: &str, schema: Option<Arc<str>>) -> Result<AnyPool, sqlx::Error> {
    super::pool_options(CONNECTIONS)
        .after_connect(move |conn, _| {
            let own = schema.as_ref().map(|s| format!("; SET search_path TO {}", quoted(s)));
            let settings = format!("{SESSION}{}", own.unwrap_or_default());
            Box::pin(async move {
                sqlx::raw_sql(AssertSqlSafe(settings)).execute(conn).await.map(|_| ())
            })
        })
        .connect(url)
        .await
}

/// Makes the schema where it is absent. Looked for first: one who may not make schemas may use one
/// that was made for him.
pub(super) async fn make_schema(conn: &mut AnyConnection, schema: &str) -> Result<(), sqlx::Error> {
    let there = sqlx::query("SELECT 1 FROM pg_namespace WHERE nspname = $1")
        .bind(schema)
        .fetch_optional(&mut *conn)
        .await?;
    if there.is_none() {
        let make = format!("CREATE SCHEMA {}", quoted(schema));
        sqlx::raw_sql(AssertSqlSafe(make)).execute(conn).await?;
    }
    Ok(())
}

/// The first words of a transaction that writes. `LOCK TABLE` takes no snapshot: that is taken by
/// the statement after it, when those that were waited for have committed.
pub(super) async fn join(conn: &mut AnyConnection, company: Company) -> Result<(), sqlx::Error> {
    let words = match company {
        Company::Beside | Company::Leading => BESIDE,
        Company::Alone => ALONE,
    };
    sqlx::raw_sql(words).execute(conn).await.map(|_| ())
}

/// Waits for the turn of this purpose among all that use the schema, and keeps it until the
/// transaction or its connection ends.
pub(super) async fn take_turn(
    conn: &mut AnyConnection,
    purpose: i32,
    schema: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_advisory_xact_lock($1, hashtext($2))")
        .bind(purpose)
        .bind(schema.unwrap_or_default().to_owned())
        .execute(conn)
        .await
        .map(|_| ())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
