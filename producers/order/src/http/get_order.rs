use axum::Json;
use axum::extract::State;
use serde::Serialize;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::{ChangeView, NotificationView, OrderView, PaymentView};
use crate::store::{notifications, orders, payments};

/// An order with its story.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderWithChanges {
    #[serde(flatten)]
    order: OrderView,
    /// Each state it came to, in order.
    changes: Vec<ChangeView>,
    /// What payment has said of it; null where it has said nothing.
    payment: Option<PaymentView>,
    /// What the customer was told, or could not be, by mail and by push.
    notifications: Vec<NotificationView>,
}

/// One order.
#[utoipa::path(
    get,
    path = "/orders/{order_id}",
    extensions(("x-access" = json!("own"))),
    params(("order_id" = Uuid, Path)),
    responses(
        (status = 200, body = OrderWithChanges),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn get_order(
    State(app): State<App>,
    caller: Caller,
    Path(order_id): Path<Uuid>,
) -> Result<Json<OrderWithChanges>, Problem> {
    let order = app.order(&caller, order_id).await?;
    let changes = orders::changes(app.store.reader(), order_id, 0).await?;
    let changes = changes.into_iter().map(ChangeView::from).collect();
    let payment = payments::find(app.store.reader(), order_id).await?.map(PaymentView::from);
    let told = notifications::of_order(app.store.reader(), order_id).await?;
    let notifications = told.into_iter().map(NotificationView::from).collect();
    Ok(Json(OrderWithChanges { order: order.into(), changes, payment, notifications }))
}
