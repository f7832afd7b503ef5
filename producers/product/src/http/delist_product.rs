use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};

use super::App;
use super::view::ProductView;
use crate::domain;
use crate::store::changes::{self, By};
use crate::store::products::Product;

/// Takes a product off sale; listing it brings it back. Its stock stays. Orders that were placed go
/// on.
#[utoipa::path(
    post,
    path = "/products/{sku}/delist",
    extensions(("x-access" = json!("staff"))),
    params(("sku" = String, Path)),
    responses(
        (status = 200, body = ProductView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn delist_product(
    State(app): State<App>,
    caller: Caller,
    Path(sku): Path<String>,
    headers: HeaderMap,
) -> Result<Json<ProductView>, Problem> {
    let by = By { user_id: caller.user_id, request: None };
    let (cause, sku, by) = (super::cause(&headers, &sku), sku.as_str(), &by);
    let product = app.store.write(cause, |tx| delist(tx, sku, by).boxed()).await?;
    Ok(Json(product.into()))
}

async fn delist(tx: &mut Tx, sku: &str, by: &By) -> Result<Product, Problem> {
    let known = super::find(tx, sku).await?;
    match domain::delist(&known.state, tx.now_micros())? {
        None => return Ok(known),
        Some(change) => changes::make(tx, &change, Some(by)).await?,
    }
    super::find(tx, sku).await
}
