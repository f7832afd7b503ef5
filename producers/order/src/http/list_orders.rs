use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use shop_service::auth::Caller;
use shop_service::http::{PageSize, Problem, Query};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::App;
use super::view::OrderView;
use crate::store::orders;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Page {
    /// Whose orders: the caller's own by default, another's for staff alone.
    user_id: Option<Uuid>,
    /// How many at most, 1 to 100.
    #[serde(default)]
    #[param(value_type = i64, default = 20)]
    limit: PageSize,
    /// The last order of the page before.
    after: Option<Uuid>,
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
    extensions(("x-access" = json!("own"))),
    params(Page),
    responses(
        (status = 200, body = Orders),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_orders(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Orders>, Problem> {
    let Page { user_id, limit, after } = page;
    let user_id = user_id.unwrap_or(caller.user_id);
    caller.owns_or_staff(user_id)?;
    let most = limit.most()?;
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
    let mut orders = orders::of_user(app.store.reader(), user_id, after.as_ref(), most).await?;
    let user_id = user_id.to_string();
    let next = limit
        .cut(&mut orders)
        .map(|last| limit.next("/orders", &[("user_id", &user_id)], &last.order_id.to_string()));
    Ok(Json(Orders { orders: orders.into_iter().map(OrderView::from).collect(), next }))
}
