//! A cart that was checked out, as an order. A channel's order keeps its own prices.

use pipeline::Received;
use shop_events::{CartCheckedOut, CartLine, payment_method_problem};

use super::check;
use super::order::{Order, total_of};
use super::state::State;

/// Lines of one cart. All events of such an order fit into a Kafka message.
const LINES: usize = 1_000;
/// The last microsecond of the year 9999: RFC 3339 can write none after it.
const END_OF_TIME: i64 = 253_402_300_799_999_999;

/// The order, or what is wrong with the cart.
pub(crate) fn order_of_cart(cart: &Received<CartCheckedOut>) -> Result<Order, String> {
    let texts = [
        ("channel", check::label(&cart.channel)),
        ("order_ref", cart.order_ref.as_deref().and_then(check::label)),
        ("name", cart.name.as_deref().and_then(check::label)),
        ("email", cart.email.as_deref().and_then(check::email)),
        ("currency", check::currency(&cart.currency)),
        ("payment_method", cart.payment_method.as_deref().and_then(payment_method_problem)),
    ];
    if let Some((field, problem)) = texts.into_iter().find_map(|(f, p)| Some((f, p?))) {
        return Err(format!("{field} {problem}"));
    }
    if !(1..=LINES).contains(&cart.lines.len()) {
        return Err(format!("a cart has 1 to {LINES} lines, and this one {}", cart.lines.len()));
    }
    for (i, line) in cart.lines.iter().enumerate() {
        wrong_line(line).map_or(Ok(()), |what| Err(format!("lines[{i}].{what}")))?;
    }
    if !(0..=END_OF_TIME).contains(&cart.checked_out_at) {
        return Err(format!(
            "checked_out_at is {}, and must be microseconds since 1970, up to the year 9999",
            cart.checked_out_at
        ));
    }
    let total = total_of(cart.lines.iter().map(|line| line.line_total))
        .ok_or("the lines cost more than can be counted")?;
    if total != cart.total {
        return Err(format!("the lines cost {total} together, and the total says {}", cart.total));
    }
    Ok(Order {
        order_id: cart.order_id(),
        user_id: cart.user_id,
        channel: cart.channel.clone(),
        order_ref: cart.order_ref.clone(),
        checkout_id: Some(cart.checkout_id),
        cart_id: cart.cart_id,
        email: cart.email.clone(),
        name: cart.name.clone(),
        lines: cart.lines.iter().cloned().map(Into::into).collect(),
        total,
        currency: cart.currency.clone(),
        payment_method: cart.payment_method.clone(),
        placed_at: cart.checked_out_at,
        state: State::Placed,
        version: 1,
        correlation: cart.meta.correlation.clone(),
    })
}

fn wrong_line(line: &CartLine) -> Option<String> {
    if let Some(problem) = check::label(&line.product_id) {
        return Some(format!("product_id {problem}"));
    }
    if let Some(problem) = line.name.as_deref().and_then(check::label) {
        return Some(format!("name {problem}"));
    }
    if line.quantity < 1 {
        return Some(format!("quantity is {}, and must be at least 1", line.quantity));
    }
    if line.line_total < 0 || line.unit_price.is_some_and(|price| price < 0) {
        return Some("line_total and unit_price must not be negative".into());
    }
    None
}
