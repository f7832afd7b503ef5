use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use pipeline::{Cause, Tx};
use shop_events::CancelReason;
use shop_service::auth::Caller;
use shop_service::http::{Path, Problem};
use uuid::Uuid;

use super::App;
use super::view::OrderView;
use crate::domain::{Input, Order};
use crate::store::orders;

/// Takes an order back. What it holds is released; what was charged is refunded. Staff may do so for
/// a customer.
///
/// A rejected or cancelled order cannot be cancelled: 409.
#[utoipa::path(
    post,
    path = "/orders/{order_id}/cancel",
    extensions(("x-access" = json!("own"))),
    params(("order_id" = Uuid, Path)),
    responses(
        (status = 202, body = OrderView),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn cancel_order(
    State(app): State<App>,
    caller: Caller,
    Path(order_id): Path<Uuid>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<OrderView>), Problem> {
    // Read before the transaction: its events carry on the story that the order belongs to.
    let order = app.order(&caller, order_id).await?;
    order.state.on(Input::Cancel).ok_or_else(|| has_ended(&order))?;
    let cause =
        Cause { correlation: Some(order.correlation), ..shop_service::http::cause(&headers) };
    let order = app.store.write(cause, |tx| cancel(tx, order_id, &caller).boxed()).await?;
    app.changes.hint(order_id);
    Ok((StatusCode::ACCEPTED, Json(order.into())))
}

async fn cancel(tx: &mut Tx, order_id: Uuid, caller: &Caller) -> Result<Order, Problem> {
    let order = orders::find(tx.conn(), order_id).await?;
    let mut order = super::seen_by(caller, order_id, order)?;
    let next = order.state.on(Input::Cancel).ok_or_else(|| has_ended(&order))?;
    let now = tx.now_micros();
    let (reason, detail) = if caller.owns(order.user_id) {
        (CancelReason::Customer, "cancelled by the customer")
    } else {
        (CancelReason::Staff, "cancelled by the shop")
    };
    orders::advance(tx.conn(), &mut order, next, Some(detail), now).await?;
    tx.emit(&order.cancelled(reason, Some(caller.user_id), now))?;
    Ok(order)
}

fn has_ended(order: &Order) -> Problem {
    let state = order.state.name();
    Problem::conflict(
        "order-has-ended",
        format!("The order is {state}; nothing is left to cancel."),
    )
}
