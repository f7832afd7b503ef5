use axum::Json;
use axum::extract::State;
use shop_service::auth::Caller;
use shop_service::http::Problem;

use super::App;
use super::view::CartView;
use crate::store::carts;

/// One's cart. Looking at it changes nothing: each line keeps the price that it was added at, and
/// shows the one of now beside it.
#[utoipa::path(
    get,
    path = "/cart",
    extensions(("x-access" = json!("signed-in"))),
    responses(
        (status = 200, body = CartView),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn view_cart(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<CartView>, Problem> {
    let mut conn = app.store.reader().acquire().await?;
    Ok(Json(CartView::of(carts::find(&mut conn, caller.user_id).await?)))
}
