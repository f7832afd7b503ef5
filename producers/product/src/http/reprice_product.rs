use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use futures::FutureExt;
use pipeline::Tx;
use serde::Deserialize;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use utoipa::ToSchema;

use super::App;
use super::list_product::wrong_price;
use super::view::ProductView;
use crate::domain;
use crate::store::changes::{self, By};
use crate::store::products::Product;

/// Another price.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RepriceProduct {
    /// Minor units of the currency that the product is sold in.
    #[schema(minimum = 0, example = 520)]
    price: i64,
}

/// Gives a product another price. The price that it has changes nothing.
#[utoipa::path(
    post,
    path = "/products/{sku}/reprice",
    extensions(("x-access" = json!("staff"))),
    params(("sku" = String, Path)),
    request_body = RepriceProduct,
    responses(
        (status = 200, body = ProductView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn reprice_product(
    State(app): State<App>,
    caller: Caller,
    Path(sku): Path<String>,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<RepriceProduct>,
) -> Result<Json<ProductView>, Problem> {
    if let Some(problem) = wrong_price(body.price) {
        return Err(Problem::field("price", problem));
    }
    let by = By { user_id: caller.user_id, request: None };
    let (cause, sku, by) = (super::cause(&headers, &sku), sku.as_str(), &by);
    let product = app.store.write(cause, |tx| reprice(tx, sku, body.price, by).boxed()).await?;
    Ok(Json(product.into()))
}

async fn reprice(tx: &mut Tx, sku: &str, price: i64, by: &By) -> Result<Product, Problem> {
    let known = super::find(tx, sku).await?;
    match domain::reprice(&known.state, price, tx.now_micros())? {
        None => return Ok(known),
        Some(change) => changes::make(tx, &change, Some(by)).await?,
    }
    super::find(tx, sku).await
}
