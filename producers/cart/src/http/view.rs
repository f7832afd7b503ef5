//! Carts as answers show them. Amounts are minor units, times RFC 3339.

use serde::Serialize;
use shop_service::http::rfc3339;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::{Cart, Line, Standing};

/// A cart: what it cost when its lines were added, beside what it costs now.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct CartView {
    /// Null while there is nothing in it.
    cart_id: Option<Uuid>,
    /// ISO 4217, of every amount.
    currency: Option<String>,
    lines: Vec<LineView>,
    /// At the prices that the lines were added at, in minor units.
    total: Option<i64>,
    /// At the prices of now: what a check-out is to confirm when it differs. Null where something is
    /// not sold any more.
    current_total: Option<i64>,
    changed_at: Option<String>,
}

/// A line of a cart.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineView {
    sku: String,
    name: Option<String>,
    quantity: i64,
    /// Of one, when it was added, in minor units.
    price: i64,
    /// Of one, now; null where it is not sold any more.
    current_price: Option<i64>,
    /// How many can be ordered, as last heard of; null until inventory has said.
    available: Option<i64>,
    /// Whether it can be bought as it was seen, and what is in the way.
    standing: Standing,
}

impl CartView {
    /// Nothing is shown of a cart without lines, for it is as good as none.
    pub(super) fn of(cart: Option<Cart>) -> Self {
        let Some(cart) = cart.filter(|cart| !cart.lines.is_empty()) else {
            return CartView::default();
        };
        CartView {
            cart_id: Some(cart.cart_id),
            total: cart.total(),
            current_total: cart.current_total(),
            changed_at: Some(rfc3339(cart.changed_at)),
            lines: cart.lines.iter().map(|line| LineView::of(line, &cart.currency)).collect(),
            currency: Some(cart.currency),
        }
    }
}

impl LineView {
    pub(super) fn of(line: &Line, currency: &str) -> Self {
        LineView {
            sku: line.product_id.clone(),
            name: line.offer.as_ref().map(|offer| offer.name.clone()),
            quantity: line.quantity,
            price: line.price,
            current_price: line.sold(currency).map(|offer| offer.price),
            available: line.offer.as_ref().and_then(|offer| offer.available),
            standing: line.standing(currency),
        }
    }
}
