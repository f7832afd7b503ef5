use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_service::FirstReading;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::CartView;
use crate::domain::{Cart, LINES, Line, QUANTITY};
use crate::store::{carts, products};

/// How many of a product are wanted. The price is the shop's: a body that brings one is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutLine {
    /// 1 to 1,000.
    #[schema(minimum = 1, maximum = 1000)]
    quantity: i64,
}

/// Puts a product into one's cart, or so many of one that is in it. It says how many there are to be
/// and not how many more, so that the same request may be sent again.
///
/// A new line has the price of now; one that is there keeps the price that it was added at. Until the shop's
/// products have been read after a start, one that is not known is refused with 503 and not with 404.
#[utoipa::path(
    put,
    path = "/cart/lines/{sku}",
    extensions(("x-access" = json!("signed-in"))),
    params(("sku" = String, Path)),
    request_body = PutLine,
    responses(
        (status = 200, body = CartView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn put_line(
    State(app): State<App>,
    caller: Caller,
    Path(sku): Path<String>,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<PutLine>,
) -> Result<Json<CartView>, Problem> {
    super::known_form(&sku)?;
    let PutLine { quantity } = body;
    if !QUANTITY.contains(&quantity) {
        let problem = format!("is {quantity}, and may be 1 to {}", QUANTITY.end());
        return Err(Problem::field("quantity", problem));
    }
    let cause = shop_service::http::cause(&headers);
    let (user_id, sku) = (caller.user_id, sku.as_str());
    let catalogue = &app.catalogue;
    let cart =
        app.store.write(cause, |tx| put(tx, user_id, sku, quantity, catalogue).boxed()).await?;
    Ok(Json(CartView::of(cart)))
}

async fn put(
    tx: &mut Tx,
    user_id: Uuid,
    sku: &str,
    quantity: i64,
    catalogue: &FirstReading,
) -> Result<Option<Cart>, Problem> {
    let cart = carts::find(tx.conn(), user_id).await?;
    let offer = products::offer(tx.conn(), sku).await?;
    let no_such = || Problem::not_found(format!("There is no product {sku}."));
    let offer = offer.ok_or_else(|| catalogue.unknown(no_such()))?;
    if !offer.listed {
        return Err(Problem::conflict("not-sold", format!("{sku} is not on sale any more.")));
    }
    let lines = cart.as_ref().map_or(&[][..], |cart| &cart.lines[..]);
    let is_in = lines.iter().any(|line| line.product_id == sku);
    let others = lines.iter().any(|line| line.product_id != sku);
    let currency = match &cart {
        Some(cart) if others && cart.currency != offer.currency => {
            return Err(Problem::conflict(
                "other-currency",
                format!(
                    "{sku} is sold in {}, and the cart is in {}.",
                    offer.currency, cart.currency
                ),
            ));
        }
        _ => offer.currency.as_str(),
    };
    if !is_in && lines.len() >= LINES {
        let detail = format!("A cart has at most {LINES} lines: check this one out first.");
        return Err(Problem::conflict("cart-full", detail));
    }
    let cart_id = cart.as_ref().map_or_else(|| tx.new_id(), |cart| cart.cart_id);
    let now = tx.now_micros();
    // A line's price is of the cart's currency: one that was left alone in another begins anew.
    if is_in && cart.as_ref().is_some_and(|cart| cart.currency != currency) {
        carts::remove_line(tx.conn(), user_id, sku).await?;
    }
    let place = carts::touch(tx.conn(), user_id, cart_id, currency, now).await?;
    let line = Line { product_id: sku.to_owned(), quantity, price: offer.price, offer: None };
    carts::put_line(tx.conn(), user_id, &line, place).await?;
    Ok(carts::find(tx.conn(), user_id).await?)
}
