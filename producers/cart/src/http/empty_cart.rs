use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use pipeline::Tx;
use shop_service::auth::Caller;
use shop_service::http::Problem;
use uuid::Uuid;

use super::App;
use crate::store::carts;

/// Takes everything out of one's cart.
#[utoipa::path(
    delete,
    path = "/cart",
    extensions(("x-access" = json!("signed-in"))),
    responses(
        (status = 204, description = "There is nothing in it."),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn empty_cart(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let (cause, user_id) = (shop_service::http::cause(&headers), caller.user_id);
    app.store.write(cause, |tx| empty(tx, user_id).boxed()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn empty(tx: &mut Tx, user_id: Uuid) -> Result<(), Problem> {
    Ok(carts::remove(tx.conn(), user_id).await?)
}
