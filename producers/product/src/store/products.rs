use shop_events::ProductState;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::{Words, searched};

/// A product, and how much of it can be ordered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) state: ProductState,
    /// None until inventory has said.
    pub(crate) available: Option<i64>,
}

/// Which products are looked for.
pub(crate) struct Search<'a> {
    pub(crate) words: &'a Words,
    pub(crate) delisted_too: bool,
    /// After this SKU.
    pub(crate) after: &'a str,
    pub(crate) most: i64,
}

// A macro, since a query is a literal and the columns are one list.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.product_id, p.name, p.description, p.price, p.currency, p.listed, ",
            "p.restocked_total, p.version, p.updated_at, s.available ",
            "FROM products p LEFT JOIN stock s ON s.product_id = p.product_id ",
            $rest
        )
    };
}

/// Writes a state, whatever was known before.
pub(crate) async fn save(
    conn: &mut AnyConnection,
    state: &ProductState,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO products (product_id, name, description, price, currency, listed,
             restocked_total, version, updated_at, search)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (product_id) DO UPDATE SET name = excluded.name,
             description = excluded.description, price = excluded.price,
             currency = excluded.currency, listed = excluded.listed,
             restocked_total = excluded.restocked_total, version = excluded.version,
             updated_at = excluded.updated_at, search = excluded.search",
    )
    .bind(&state.product_id)
    .bind(&state.name)
    .bind(&state.description)
    .bind(state.price)
    .bind(&state.currency)
    .bind(i64::from(state.listed))
    .bind(state.restocked_total)
    .bind(state.version)
    .bind(state.updated_at)
    .bind(searched(&state.product_id, &state.name, &state.description))
    .execute(conn)
    .await
    .map(|_| ())
}

pub(crate) async fn find(
    conn: &mut AnyConnection,
    product_id: &str,
) -> Result<Option<Product>, sqlx::Error> {
    let row = sqlx::query(select!("WHERE p.product_id = $1"))
        .bind(product_id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(product).transpose()
}

/// Those that have every word, by SKU.
pub(crate) async fn search(
    conn: &mut AnyConnection,
    search: &Search<'_>,
) -> Result<Vec<Product>, sqlx::Error> {
    let Words([a, b, c, d, e, f]) = search.words;
    let rows = sqlx::query(select!(
        "WHERE p.product_id > $1 AND p.listed >= $2
             AND p.search LIKE $3 ESCAPE '!' AND p.search LIKE $4 ESCAPE '!'
             AND p.search LIKE $5 ESCAPE '!' AND p.search LIKE $6 ESCAPE '!'
             AND p.search LIKE $7 ESCAPE '!' AND p.search LIKE $8 ESCAPE '!'
         ORDER BY p.product_id LIMIT $9"
    ))
    .bind(search.after)
    .bind(i64::from(!search.delisted_too))
    .bind(a)
    .bind(b)
    .bind(c)
    .bind(d)
    .bind(e)
    .bind(f)
    .bind(search.most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(product).collect()
}

fn product(row: &AnyRow) -> Result<Product, sqlx::Error> {
    Ok(Product {
        state: ProductState {
            product_id: row.try_get(0)?,
            name: row.try_get(1)?,
            description: row.try_get(2)?,
            price: row.try_get(3)?,
            currency: row.try_get(4)?,
            listed: row.try_get::<i64, _>(5)? != 0,
            restocked_total: row.try_get(6)?,
            version: row.try_get(7)?,
            updated_at: row.try_get(8)?,
        },
        available: row.try_get(9)?,
    })
}
