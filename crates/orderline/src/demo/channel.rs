//! Another program of the shop's owner, that places orders by records on `carts`.

use shop_events::{CartCheckedOut, CartLine};
use uuid::Uuid;

use super::plan::Planned;
use crate::accounts::Account;
use crate::publish::Publisher;

/// A channel's order has its own prices: here 5.00 for whatever it is.
const PRICE: i64 = 500;

/// Publishes the record, and says what it comes to.
pub(super) async fn publish(
    planned: &Planned,
    who: &Account,
    checkout_id: Uuid,
    to: &Publisher,
) -> anyhow::Result<i64> {
    let cart = cart(planned, who, checkout_id, to.emitter.clock.now_micros());
    let id = to.emitter.random.uuid_v7(cart.checked_out_at);
    to.send(vec![to.record(&cart, id, &checkout_id.to_string())?]).await?;
    Ok(cart.total)
}

fn cart(planned: &Planned, who: &Account, checkout_id: Uuid, now: i64) -> CartCheckedOut {
    let line = |(sku, quantity): &(&str, i64)| CartLine {
        product_id: (*sku).to_owned(),
        name: None,
        quantity: *quantity,
        unit_price: Some(PRICE),
        line_total: PRICE * quantity,
    };
    let lines: Vec<_> = planned.lines.iter().map(line).collect();
    CartCheckedOut {
        checkout_id,
        user_id: who.user_id,
        email: Some(who.email.clone()),
        name: Some(planned.customer.to_owned()),
        channel: "demo".into(),
        order_ref: Some(checkout_id.to_string()),
        cart_id: None,
        total: lines.iter().map(|line| line.line_total).sum(),
        lines,
        currency: "EUR".into(),
        payment_method: planned.method.map(str::to_owned),
        checked_out_at: now,
    }
}
