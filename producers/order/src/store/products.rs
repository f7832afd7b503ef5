//! What this service knows of the products: as much as placing an order needs.

use shop_events::ProductState;
use sqlx::{AnyConnection, Row};

/// A product as last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) product_id: String,
    pub(crate) name: String,
    /// Minor units.
    pub(crate) price: i64,
    pub(crate) currency: String,
    pub(crate) listed: bool,
}

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

pub(crate) async fn find(
    conn: &mut AnyConnection,
    product_id: &str,
) -> Result<Option<Product>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT product_id, name, price, currency, listed FROM products
         WHERE product_id = $1",
    )
    .bind(product_id)
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(Product {
            product_id: row.try_get(0)?,
            name: row.try_get(1)?,
            price: row.try_get(2)?,
            currency: row.try_get(3)?,
            listed: row.try_get::<i64, _>(4)? != 0,
        })
    })
    .transpose()
}
