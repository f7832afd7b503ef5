//! Orders by `CartCheckedOut` on the topic `carts`. The broker's acknowledgement accepts them.

use shop_events::{CartCheckedOut, CartLine};

use super::refusal::Refusal;
use super::shape::{self, Planned};
use crate::publish::Publisher;

/// Where such orders are placed, as the shop sees it.
pub(super) const CHANNEL: &str = "load-test";

/// Resolves when the broker has it.
pub(super) async fn place(publisher: &Publisher, order: &Planned) -> Result<(), Refusal> {
    let cart = cart(order, publisher.emitter.clock.now_micros());
    // The checkout names the story, by which the order is known before its id is.
    let record = publisher.record(&cart, order.id, &order.id.to_string());
    let refused = |error: anyhow::Error| Refusal::unanswered(format!("{error:#}"));
    publisher.send(vec![record.map_err(refused)?]).await.map_err(refused)
}

fn cart(order: &Planned, now: i64) -> CartCheckedOut {
    let line = |(product, pieces): &(u32, i64)| CartLine {
        product_id: shape::sku(*product),
        name: None,
        quantity: *pieces,
        unit_price: Some(shape::price(*product)),
        line_total: shape::price(*product) * pieces,
    };
    let lines: Vec<_> = order.lines.iter().map(line).collect();
    CartCheckedOut {
        checkout_id: order.id,
        user_id: shape::user_id(order.user),
        email: Some(shape::email(order.user)),
        name: Some(format!("Load Test {}", order.user)),
        channel: CHANNEL.into(),
        order_ref: Some(order.id.to_string()),
        cart_id: None,
        total: lines.iter().map(|line| line.line_total).sum(),
        lines,
        currency: "EUR".into(),
        payment_method: None,
        checked_out_at: now,
    }
}
