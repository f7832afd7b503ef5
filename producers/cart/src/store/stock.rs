use shop_events::StockLevelChanged;
use sqlx::AnyConnection;

/// Keeps a level unless a later one is known.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    level: &StockLevelChanged,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO stock (product_id, available, version) VALUES ($1, $2, $3)
         ON CONFLICT (product_id) DO UPDATE
         SET available = excluded.available, version = excluded.version
         WHERE excluded.version > stock.version",
    )
    .bind(&level.product_id)
    .bind(level.available)
    .bind(level.version)
    .execute(conn)
    .await
    .map(|_| ())
}
