use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shop_events::OrderLine;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem, Query, rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::page::Page;
use crate::store::orders::Order;

/// Orders, the latest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Orders {
    orders: Vec<OrderView>,
    /// Where the next page is; null on the last one.
    next: Option<String>,
}

/// An order as last heard of; the order service has its whole story.
#[derive(Serialize, ToSchema)]
struct OrderView {
    order_id: Uuid,
    /// placed, reserved, completed, rejected or cancelled.
    state: String,
    /// Why, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// `web`, or the name of another channel.
    channel: String,
    /// The channel's own reference.
    order_ref: Option<String>,
    lines: Vec<LineView>,
    /// Minor units.
    total: i64,
    /// ISO 4217.
    currency: String,
    placed_at: String,
    changed_at: String,
}

/// A line of an order.
#[derive(Serialize, ToSchema)]
struct LineView {
    sku: String,
    name: Option<String>,
    quantity: i64,
    /// Minor units.
    line_total: i64,
}

impl From<Order> for OrderView {
    fn from(order: Order) -> Self {
        OrderView {
            order_id: order.order_id,
            state: order.state,
            detail: order.detail,
            channel: order.channel,
            order_ref: order.order_ref,
            lines: order.lines.into_iter().map(LineView::from).collect(),
            total: order.total,
            currency: order.currency,
            placed_at: rfc3339(order.placed_at),
            changed_at: rfc3339(order.changed_at),
        }
    }
}

impl From<OrderLine> for LineView {
    fn from(line: OrderLine) -> Self {
        let OrderLine { product_id: sku, name, quantity, line_total, .. } = line;
        LineView { sku, name, quantity, line_total }
    }
}

/// One's orders, page by page.
#[utoipa::path(
    get,
    path = "/users/me/orders",
    extensions(("x-access" = json!("signed-in"))),
    params(Page),
    responses(
        (status = 200, body = Orders),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_my_orders(
    State(app): State<App>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Orders>, Problem> {
    let user = app.user_of(&caller).await?;
    list(&app, user.user_id, &page, "/users/me/orders").await
}

/// A user's orders, page by page.
#[utoipa::path(
    get,
    path = "/users/{user_id}/orders",
    extensions(("x-access" = json!("staff"))),
    params(("user_id" = Uuid, Path), Page),
    responses(
        (status = 200, body = Orders),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn list_orders(
    State(app): State<App>,
    caller: Caller,
    Path(user_id): Path<Uuid>,
    Query(page): Query<Page>,
) -> Result<Json<Orders>, Problem> {
    app.other(&caller, user_id).await?;
    list(&app, user_id, &page, &format!("/users/{user_id}/orders")).await
}

async fn list(app: &App, user_id: Uuid, page: &Page, path: &str) -> Result<Json<Orders>, Problem> {
    let (orders, next) = page.of_user::<Order>(app, user_id, path).await?;
    Ok(Json(Orders { orders: orders.into_iter().map(OrderView::from).collect(), next }))
}
