//! A user's cart. Whatever changes it writes its row in `carts`, so that two changes at once are one
//! after the other.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use uuid::Uuid;

use crate::domain::{Cart, Line, Offer};

/// The open cart, its lines beside what is on offer: one statement, so that they fit together.
pub(crate) async fn find(
    conn: &mut AnyConnection,
    user_id: Uuid,
) -> Result<Option<Cart>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT c.cart_id, c.currency, c.version, c.changed_at, l.product_id, l.quantity, l.price,
             p.name, p.price, p.currency, p.listed, s.available
         FROM carts c LEFT JOIN cart_lines l ON l.user_id = c.user_id
             LEFT JOIN products p ON p.product_id = l.product_id
             LEFT JOIN stock s ON s.product_id = l.product_id
         WHERE c.user_id = $1 ORDER BY l.place, l.product_id",
    )
    .bind(user_id.to_string())
    .fetch_all(conn)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let cart_id: String = first.try_get(0)?;
    let lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(Cart {
        cart_id: cart_id.parse().map_err(|e: uuid::Error| sqlx::Error::Decode(e.into()))?,
        currency: first.try_get(1)?,
        version: first.try_get(2)?,
        changed_at: first.try_get(3)?,
        lines: lines.into_iter().flatten().collect(),
    }))
}

/// None in the one row of a cart without lines.
fn line(row: &AnyRow) -> Result<Option<Line>, sqlx::Error> {
    let Some(product_id) = row.try_get(4)? else { return Ok(None) };
    let offer = match row.try_get(7)? {
        None => None,
        Some(name) => Some(Offer {
            name,
            price: row.try_get(8)?,
            currency: row.try_get(9)?,
            listed: row.try_get::<i64, _>(10)? != 0,
            available: row.try_get(11)?,
        }),
    };
    Ok(Some(Line { product_id, quantity: row.try_get(5)?, price: row.try_get(6)?, offer }))
}

/// Notes that a cart has changed, and opens it where there is none. Answers with its version.
pub(crate) async fn touch(
    conn: &mut AnyConnection,
    user_id: Uuid,
    new_id: Uuid,
    currency: &str,
    at: i64,
) -> Result<i64, sqlx::Error> {
    let row = sqlx::query(
        "INSERT INTO carts (user_id, cart_id, currency, version, changed_at)
         VALUES ($1, $2, $3, 1, $4)
         ON CONFLICT (user_id) DO UPDATE SET currency = excluded.currency,
             version = carts.version + 1, changed_at = excluded.changed_at
         RETURNING version",
    )
    .bind(user_id.to_string())
    .bind(new_id.to_string())
    .bind(currency)
    .bind(at)
    .fetch_one(conn)
    .await?;
    row.try_get(0)
}

/// Puts so many into a cart. A line that is there keeps its place and its price.
pub(crate) async fn put_line(
    conn: &mut AnyConnection,
    user_id: Uuid,
    line: &Line,
    place: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO cart_lines (user_id, product_id, place, quantity, price)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (user_id, product_id) DO UPDATE SET quantity = excluded.quantity",
    )
    .bind(user_id.to_string())
    .bind(&line.product_id)
    .bind(place)
    .bind(line.quantity)
    .bind(line.price)
    .execute(conn)
    .await
    .map(|_| ())
}

/// Takes a line out. Its cart must have been touched.
pub(crate) async fn remove_line(
    conn: &mut AnyConnection,
    user_id: Uuid,
    product_id: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM cart_lines WHERE user_id = $1 AND product_id = $2")
        .bind(user_id.to_string())
        .bind(product_id)
        .execute(conn)
        .await
        .map(|_| ())
}

/// Removes a cart with its lines. The next one has an id of its own.
pub(crate) async fn remove(conn: &mut AnyConnection, user_id: Uuid) -> Result<(), sqlx::Error> {
    let user_id = user_id.to_string();
    sqlx::query("DELETE FROM carts WHERE user_id = $1").bind(&user_id).execute(&mut *conn).await?;
    let lines = sqlx::query("DELETE FROM cart_lines WHERE user_id = $1").bind(&user_id);
    lines.execute(conn).await.map(|_| ())
}
