use shop_events::ProductState;
use sqlx::{AnyConnection, Row};

use crate::domain::Offer;

/// Keeps a state unless a later one is known.
pub(crate) async fn keep(
    conn: &mut AnyConnection,
    product: &ProductState,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO products (product_id, name, price, currency, listed, version)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (product_id) DO UPDATE SET name = excluded.name, price = excluded.price,
             currency = excluded.currency, listed = excluded.listed, version = excluded.version
         WHERE excluded.version > products.version",
    )
    .bind(&product.product_id)
    .bind(&product.name)
    .bind(product.price)
    .bind(&product.currency)
    .bind(i64::from(product.listed))
    .bind(product.version)
    .execute(conn)
    .await
    .map(|_| ())
}

/// What is on offer under a SKU; how much of it is not asked here.
pub(crate) async fn offer(
    conn: &mut AnyConnection,
    product_id: &str,
) -> Result<Option<Offer>, sqlx::Error> {
    let row =
        sqlx::query("SELECT name, price, currency, listed FROM products WHERE product_id = $1")
            .bind(product_id)
            .fetch_optional(conn)
            .await?;
    row.map(|row| {
        Ok(Offer {
            name: row.try_get(0)?,
            price: row.try_get(1)?,
            currency: row.try_get(2)?,
            listed: row.try_get::<i64, _>(3)? != 0,
            available: None,
        })
    })
    .transpose()
}
