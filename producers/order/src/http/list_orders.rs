use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shop_service::http::{Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::App;
use super::view::OrderView;
use crate::store::orders;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Whose orders.
    user_id: Uuid,
    /// How many at most, 1 to 100.
    #[serde(default = "twenty")]
    #[param(default = 20)]
    limit: i64,
    /// The last order of the page before.
    after: Option<Uuid>,
}

fn twenty() -> i64 {
    20
}

/// Orders, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Orders {
    orders: Vec<OrderView>,
    /// Where the next page is; null on the last one.
    next: Option<String>,
}

/// A user's orders, page by page.
#[utoipa::path(
    get,
    path = "/orders",
    extensions(("x-access" = json!("anyone"))),
    params(Page),
    responses(
        (status = 200, body = Orders),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_orders(
    State(app): State<App>,
    Query(page): Query<Page>,
) -> Result<Json<Orders>, Problem> {
    let Page { user_id, limit, after } = page;
    if !(1..=100).contains(&limit) {
        return Err(Problem::field("limit", format!("is {limit}, and may be 1 to 100")));
    }
    let after = match after {
        None => None,
        Some(id) => {
            let mut conn = app.store.reader().acquire().await?;
            let order = orders::find(&mut conn, id).await?.filter(|o| o.user_id == user_id);
            let problem =
                || Problem::field("after", "is no order of this user: take it from `next`");
            Some(order.ok_or_else(problem)?)
        }
    };
    let mut orders =
        orders::of_user(app.store.reader(), user_id, after.as_ref(), limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = orders.len() > most;
    orders.truncate(most);
    let next = orders
        .last()
        .filter(|_| more)
        .map(|last| format!("/orders?user_id={user_id}&limit={limit}&after={}", last.order_id));
    Ok(Json(Orders { orders: orders.into_iter().map(OrderView::from).collect(), next }))
}
