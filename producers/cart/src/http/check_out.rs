use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use futures::FutureExt;
use pipeline::{Cause, Tx};
use serde::{Deserialize, Serialize};
use shop_events::{CartCheckedOut, order_of_checkout, payment_method_problem};
use shop_service::auth::{Caller, ClientAddress};
use shop_service::http::{IdempotencyKey, Problem, rfc3339};
use utoipa::ToSchema;
use uuid::Uuid;

use super::App;
use super::view::LineView;
use crate::domain::{self, Cart, Refusal, Standing, checkout_id};
use crate::store::checkouts::{self, Checkout};
use crate::store::{carts, contacts};

/// What the customer agrees to.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckOut {
    /// What the customer was shown that the cart costs, in minor units: the check-out is refused
    /// where it costs something else now. Without it, it is refused where any price has changed since
    /// it was added.
    #[serde(default)]
    #[schema(example = 980)]
    expected_total: Option<i64>,
    /// The payment provider's name for a way to pay, as its script in the browser gives it, and never
    /// a card's number. Without one the shop takes what it is told to take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "pm_card_visa")]
    payment_method: Option<String>,
}

/// A cart that was checked out; the same answer to each repeat of the request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckedOut {
    checkout_id: Uuid,
    /// The order that it becomes, which is at the order service within moments.
    order_id: Uuid,
    /// Minor units.
    total: i64,
    currency: String,
    checked_out_at: String,
}

type Accepted = (StatusCode, [(header::HeaderName, String); 1], Json<CheckedOut>);

/// Checks out one's cart: it is closed, and becomes an order.
///
/// Refused with 409 where something in it cannot be bought (`lines-unavailable`) or costs something
/// else than the customer has seen (`prices-changed`); `lines` of the problem says what, and
/// `current_total` what there is to confirm.
#[utoipa::path(
    post,
    path = "/cart/checkout",
    extensions(("x-access" = json!("signed-in"))),
    params((
        "Idempotency-Key" = String,
        Header,
        description = "Made once by the client and the same in each try: one key is one check-out of a user."
    )),
    request_body = CheckOut,
    responses(
        (status = 202, body = CheckedOut,
         headers(("Location" = String, description = "The order, at the order service."))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn check_out(
    State(app): State<App>,
    caller: Caller,
    address: ClientAddress,
    key: IdempotencyKey,
    headers: HeaderMap,
    shop_service::http::Json(body): shop_service::http::Json<CheckOut>,
) -> Result<Accepted, Problem> {
    let user_id = caller.user_id;
    app.limits.of_account.check(&user_id.to_string())?;
    app.limits.from_address.check(&address.key())?;
    if let Some(problem) = body.payment_method.as_deref().and_then(payment_method_problem) {
        return Err(Problem::field("payment_method", problem));
    }
    let checkout_id = checkout_id(user_id, &key.0);
    let order_id = order_of_checkout(checkout_id);
    // The order's id names its story.
    let correlation = Some(order_id.to_string());
    let cause = Cause { correlation, ..shop_service::http::cause(&headers) };
    let try_it = Try { user_id, checkout_id, key: &key, body: &body };
    let checkout = app.store.write(cause, |tx| try_it.run(tx).boxed()).await?;
    let location = format!("{}/orders/{order_id}", app.order_url);
    let answer = CheckedOut {
        checkout_id,
        order_id,
        total: checkout.total,
        currency: checkout.currency,
        checked_out_at: rfc3339(checkout.checked_out_at),
    };
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(answer)))
}

/// One try of a check-out.
#[derive(Clone, Copy)]
struct Try<'a> {
    user_id: Uuid,
    checkout_id: Uuid,
    key: &'a IdempotencyKey,
    body: &'a CheckOut,
}

impl Try<'_> {
    /// The check-out that this is, or was before.
    async fn run(self, tx: &mut Tx) -> Result<Checkout, Problem> {
        let (user_id, hash) = (self.user_id, self.body.hash());
        if let Some(known) = checkouts::find(tx.conn(), user_id, self.checkout_id).await? {
            return if known.hash == hash { Ok(known) } else { Err(self.key.reused()) };
        }
        let cart = carts::find(tx.conn(), user_id).await?.ok_or_else(empty)?;
        let bill = domain::check_out(&cart, self.body.expected_total);
        let bill = bill.map_err(|refusal| refused(refusal, &cart))?;
        let contact = contacts::find(tx.conn(), user_id).await?;
        let (email, name) = contact.map(|c| (Some(c.email), c.name)).unwrap_or_default();
        let checkout = Checkout {
            checkout_id: self.checkout_id,
            user_id,
            hash,
            total: bill.total,
            currency: cart.currency.clone(),
            checked_out_at: tx.now_micros(),
        };
        carts::remove(tx.conn(), user_id).await?;
        checkouts::insert(tx.conn(), &checkout).await?;
        tx.emit(&CartCheckedOut {
            checkout_id: checkout.checkout_id,
            user_id,
            email,
            name,
            channel: "web".into(),
            order_ref: None,
            cart_id: Some(cart.cart_id),
            lines: bill.lines,
            total: checkout.total,
            currency: checkout.currency.clone(),
            payment_method: self.body.payment_method.clone(),
            checked_out_at: checkout.checked_out_at,
        })?;
        Ok(checkout)
    }
}

impl CheckOut {
    /// Of the body as it was understood: spaces and the order of fields make no other request.
    fn hash(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        Uuid::new_v5(&Uuid::NAMESPACE_OID, &text).simple().to_string()
    }
}

fn empty() -> Problem {
    Problem::conflict("cart-empty", "There is nothing in the cart: it may be checked out already.")
}

fn refused(refusal: Refusal, cart: &Cart) -> Problem {
    let listed = |which: fn(Standing) -> bool| {
        let lines = cart.lines.iter().filter(|line| which(line.standing(&cart.currency)));
        lines.map(|line| LineView::of(line, &cart.currency)).collect::<Vec<_>>()
    };
    match refusal {
        Refusal::Empty => empty(),
        Refusal::Unavailable => Problem::conflict(
            "lines-unavailable",
            "Some of it cannot be bought: take it out, or fewer of it; `lines` says which.",
        )
        .with("lines", listed(|s| matches!(s, Standing::NotSold | Standing::OutOfStock))),
        Refusal::Repriced => Problem::conflict(
            "prices-changed",
            "It costs something else than was shown; `lines` says which prices have changed. Send `current_total` as `expected_total` to agree.",
        )
        .with("lines", listed(|s| s == Standing::PriceChanged))
        .with("current_total", cart.current_total()),
        Refusal::Uncountable => {
            Problem::conflict("uncountable", "The cart costs more than can be counted.")
        }
    }
}
