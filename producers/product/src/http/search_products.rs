use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shop_service::auth::Caller;
use shop_service::http::{PageSize, Problem, Query};
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::view::ProductView;
use crate::domain::Words;
use crate::store::products::{self, Search};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Up to 6 words, each of which stands somewhere in SKU, name or description. Without them, all.
    #[serde(default)]
    q: String,
    /// Staff alone: also what is not on sale any more.
    #[serde(default)]
    delisted: bool,
    /// How many at most, 1 to 100.
    #[serde(default)]
    #[param(value_type = i64, default = 20)]
    limit: PageSize,
    /// The last SKU of the page before.
    #[serde(default)]
    after: String,
}

/// Products, by SKU.
#[derive(Serialize, ToSchema)]
pub(crate) struct Products {
    products: Vec<ProductView>,
    /// Where the next page is; null on the last one.
    next: Option<String>,
}

/// What is on sale, page by page.
#[utoipa::path(
    get,
    path = "/products",
    extensions(("x-access" = json!("anyone"))),
    params(Asked),
    responses(
        (status = 200, body = Products),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn search_products(
    State(app): State<App>,
    caller: Option<Caller>,
    Query(asked): Query<Asked>,
) -> Result<Json<Products>, Problem> {
    let Asked { q, delisted, limit, after } = asked;
    if delisted && !caller.is_some_and(|caller| caller.is_staff()) {
        return Err(Problem::forbidden("What is not on sale any more is for staff to see."));
    }
    let words = Words::of(&q).map_err(|problem| Problem::field("q", problem))?;
    if after.chars().any(char::is_control) {
        return Err(Problem::field("after", "is no SKU: take it from `next`"));
    }
    let search =
        Search { words: &words, delisted_too: delisted, after: &after, most: limit.most()? };
    let mut conn = app.store.reader().acquire().await?;
    let mut found = products::search(&mut conn, &search).await?;
    drop(conn);
    let mut again = vec![("q", q.as_str())];
    if delisted {
        again.push(("delisted", "true"));
    }
    let last = limit.cut(&mut found);
    let next = last.map(|last| limit.next("/products", &again, &last.state.product_id));
    Ok(Json(Products { products: found.into_iter().map(ProductView::from).collect(), next }))
}
