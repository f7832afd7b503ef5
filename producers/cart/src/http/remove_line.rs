use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use uuid::Uuid;

use super::App;
use super::view::CartView;
use crate::domain::Cart;
use crate::store::carts;

/// Takes a product out of one's cart; what is not in it is not missed.
#[utoipa::path(
    delete,
    path = "/cart/lines/{sku}",
    extensions(("x-access" = json!("signed-in"))),
    params(("sku" = String, Path)),
    responses(
        (status = 200, body = CartView, description = "What is left."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn remove_line(
    State(app): State<App>,
    caller: Caller,
    Path(sku): Path<String>,
    headers: HeaderMap,
) -> Result<Json<CartView>, Problem> {
    super::known_form(&sku)?;
    let cause = shop_service::http::cause(&headers);
    let (user_id, sku) = (caller.user_id, sku.as_str());
    let cart = app.store.write(cause, |tx| remove(tx, user_id, sku).boxed()).await?;
    Ok(Json(CartView::of(cart)))
}

async fn remove(tx: &mut Tx, user_id: Uuid, sku: &str) -> Result<Option<Cart>, Problem> {
    let cart = carts::find(tx.conn(), user_id).await?;
    let is_in = |cart: &&Cart| cart.lines.iter().any(|line| line.product_id == sku);
    let Some(known) = cart.as_ref().filter(is_in) else { return Ok(cart) };
    let now = tx.now_micros();
    carts::touch(tx.conn(), user_id, known.cart_id, &known.currency, now).await?;
    carts::remove_line(tx.conn(), user_id, sku).await?;
    Ok(carts::find(tx.conn(), user_id).await?)
}
