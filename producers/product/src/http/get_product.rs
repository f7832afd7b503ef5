use axum::Json;
use axum::extract::State;
use shop_service::http::{Path, Problem};

use super::App;
use super::view::ProductView;
use crate::store::products;

/// One product, on sale or not any more.
#[utoipa::path(
    get,
    path = "/products/{sku}",
    extensions(("x-access" = json!("anyone"))),
    params(("sku" = String, Path)),
    responses(
        (status = 200, body = ProductView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_product(
    State(app): State<App>,
    Path(sku): Path<String>,
) -> Result<Json<ProductView>, Problem> {
    super::known_form(&sku)?;
    let mut conn = app.store.reader().acquire().await?;
    let product = products::find(&mut conn, &sku).await?;
    Ok(Json(product.ok_or_else(|| super::no_such(&sku))?.into()))
}
