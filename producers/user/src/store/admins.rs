//! How many admins there are. One row that every change of it writes, so that two admins who take
//! each other's role at once do not leave a shop without any.

use sqlx::{AnyConnection, Row};

pub(crate) async fn count(conn: &mut AnyConnection) -> Result<i64, sqlx::Error> {
    sqlx::query("SELECT count FROM admins WHERE id = 1").fetch_one(conn).await?.try_get(0)
}

pub(crate) async fn one_more(conn: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let more = sqlx::query("UPDATE admins SET count = count + 1 WHERE id = 1");
    more.execute(conn).await.map(|_| ())
}

/// False, and nothing is done, where it is the last one.
pub(crate) async fn one_less(conn: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    let less = sqlx::query("UPDATE admins SET count = count - 1 WHERE id = 1 AND count > 1");
    Ok(less.execute(conn).await?.rows_affected() > 0)
}
