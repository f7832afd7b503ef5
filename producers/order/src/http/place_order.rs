mod body;

use axum::Json;
use axum::extract::State as Has;
use axum::http::{HeaderMap, StatusCode, header};
use futures::FutureExt;
use pipeline::{Cause, Tx};
use serde::Serialize;
use shop_service::FirstReading;
use shop_service::auth::{Caller, ClientAddress};
use shop_service::http::{IdempotencyKey, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::rfc3339;
use crate::domain::{Order, State, total_of};
use crate::store::orders::{self, Request};
use body::PlaceOrder;

/// An order that was accepted; the same answer to each repeat of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Placed {
    order_id: Uuid,
    /// Always `placed`: ask for the order to learn what became of it.
    state: State,
    /// Minor units.
    total: i64,
    currency: String,
    placed_at: String,
}

type Accepted = (StatusCode, [(header::HeaderName, String); 1], Json<Placed>);

/// Places an order of the caller's. It is accepted, and its story begins: nothing is reserved yet.
///
/// Refused with 409 `prices-changed` where it does not cost `expected_total`; `current_total` is what there is
/// to confirm. A product that is not known is refused with 422, and with 503 until the shop's products have
/// been read after a start.
#[utoipa::path(
    post,
    path = "/orders",
    extensions(("x-access" = json!("signed-in"))),
    params((
        "Idempotency-Key" = String,
        Header,
        description = "Made once by the client and the same in each try: one key is one order of a user."
    )),
    request_body = PlaceOrder,
    responses(
        (status = 202, body = Placed, headers(("Location" = String, description = "The order."))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn place_order(
    Has(app): Has<App>,
    caller: Caller,
    address: ClientAddress,
    key: IdempotencyKey,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<PlaceOrder>,
) -> Result<Accepted, Problem> {
    app.count(&caller, address)?;
    let user_id = caller.user_id;
    let request = Request { key, hash: body.hash(user_id) };
    let wrong = body.wrong_fields();
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    // The order's id names its story.
    let order_id = app.store.emitter().random.uuid_v7(app.store.now_micros());
    let cause =
        Cause { correlation: Some(order_id.to_string()), ..shop_service::http::cause(&headers) };
    let (body, request, catalogue) = (&body, &request, &app.catalogue);
    let order = app
        .store
        .write(cause, |tx| place(tx, (order_id, user_id), body, request, catalogue).boxed())
        .await?;
    Ok(accepted(order))
}

/// The order that this request places, or has placed before.
async fn place(
    tx: &mut Tx,
    (order_id, user_id): (Uuid, Uuid),
    body: &PlaceOrder,
    request: &Request,
    catalogue: &FirstReading,
) -> Result<Order, Problem> {
    if let Some(known) = orders::find_by_key(tx.conn(), user_id, &request.key.0).await? {
        return same(known, request);
    }
    let lines = body.priced(tx.conn(), catalogue).await?;
    let total = total_of(lines.iter().map(|line| line.line_total))
        .ok_or_else(|| Problem::field("lines", "cost more than can be counted"))?;
    body.agreed(total)?;
    let now = tx.now_micros();
    let order = Order {
        order_id,
        user_id,
        channel: "web".into(),
        order_ref: None,
        checkout_id: None,
        cart_id: None,
        email: Some(body.email.clone()),
        name: body.name.clone(),
        lines,
        total,
        currency: body.currency.clone(),
        payment_method: body.payment_method.clone(),
        placed_at: now,
        state: State::Placed,
        version: 1,
        correlation: order_id.to_string(),
    };
    if !orders::insert(tx.conn(), &order, Some(request), now).await? {
        // The id is made for this request alone, so that the key it must be.
        let known = orders::find_by_key(tx.conn(), user_id, &request.key.0).await?;
        return same(known.ok_or_else(|| Problem::internal("an order's id is taken"))?, request);
    }
    tx.emit(&order.placed())?;
    Ok(order)
}

fn same((order, hash): (Order, String), request: &Request) -> Result<Order, Problem> {
    if hash == request.hash {
        return Ok(order);
    }
    Err(request.key.reused())
}

fn accepted(order: Order) -> Accepted {
    let location = format!("/orders/{}", order.order_id);
    let placed = Placed {
        order_id: order.order_id,
        state: State::Placed,
        total: order.total,
        currency: order.currency,
        placed_at: rfc3339(order.placed_at),
    };
    (StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(placed))
}
