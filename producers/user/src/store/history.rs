//! What a user has a long list of: rows with the user, a time and an id, the latest first.

use sqlx::any::AnyRow;
use sqlx::{AnyPool, Row};
use uuid::Uuid;

/// Where in such a list one is: by its time, and among those of one time by its id.
pub(crate) type Place = (i64, Uuid);

/// One of such a list; the statements are by [`statements`].
pub(crate) trait History: Sized {
    /// Reads the time of an id ($1) of a user ($2).
    const PLACE: &'static str;
    /// Reads those of a user ($1) after a time ($2, $3) and an id ($4), $5 at most.
    const PAGE: &'static str;

    fn id(&self) -> Uuid;
    fn read(row: &AnyRow) -> Result<Self, sqlx::Error>;
}

// A macro, since a query is a literal.
macro_rules! statements {
    ($table:literal, by $at:literal and $id:literal: $columns:literal) => {
        const PLACE: &'static str =
            concat!("SELECT ", $at, " FROM ", $table, " WHERE ", $id, " = $1 AND user_id = $2");
        const PAGE: &'static str = concat!(
            "SELECT ",
            $columns,
            " FROM ",
            $table,
            " WHERE user_id = $1 AND (",
            $at,
            " < $2 OR (",
            $at,
            " = $3 AND ",
            $id,
            " < $4)) ORDER BY ",
            $at,
            " DESC, ",
            $id,
            " DESC LIMIT $5",
        );
    };
}
pub(super) use statements;

/// Where in a user's list this one is; none where it is in no such list, or in another's.
pub(crate) async fn place_of<T: History>(
    pool: &AnyPool,
    user_id: Uuid,
    id: Uuid,
) -> Result<Option<Place>, sqlx::Error> {
    let row = sqlx::query(T::PLACE)
        .bind(id.to_string())
        .bind(user_id.to_string())
        .fetch_optional(pool)
        .await?;
    row.map(|row| Ok((row.try_get(0)?, id))).transpose()
}

/// A part of a user's list: what comes after this place.
pub(crate) async fn page<T: History>(
    pool: &AnyPool,
    user_id: Uuid,
    after: Option<Place>,
    most: i64,
) -> Result<Vec<T>, sqlx::Error> {
    let (at, last) = after.unwrap_or((i64::MAX, Uuid::nil()));
    let rows = sqlx::query(T::PAGE)
        .bind(user_id.to_string())
        .bind(at)
        .bind(at)
        .bind(last.to_string())
        .bind(most)
        .fetch_all(pool)
        .await?;
    rows.iter().map(T::read).collect()
}
