//! Reactions to events. All effects are in the database; what they emit leaves with the commit.

mod cart_checked_out;
mod customer_told;
mod keep_product;
mod payment_captured;
mod payment_declined;
mod payment_refunded;
mod stock_rejected;
mod stock_reserved;

pub(crate) use cart_checked_out::CartCheckedOut;
pub(crate) use customer_told::CustomerTold;
pub(crate) use keep_product::KeepProduct;
pub(crate) use payment_captured::PaymentCaptured;
pub(crate) use payment_declined::PaymentDeclined;
pub(crate) use payment_refunded::PaymentRefunded;
pub(crate) use stock_rejected::StockRejected;
pub(crate) use stock_reserved::StockReserved;

use pipeline::{Failure, Tx};
use uuid::Uuid;

use crate::domain::{Input, Order, State};
use crate::store::orders;

/// The order that an answer is for and the state it leads to; none where the order has gone on
/// without that answer.
async fn next(
    tx: &mut Tx,
    order_id: Uuid,
    input: Input,
) -> Result<Option<(Order, State)>, Failure> {
    Ok(next_of(order(tx, order_id).await?, input))
}

/// The order that an answer is for. It is committed before anyone can answer it, so that an answer to
/// an unknown one is a stranger's.
async fn order(tx: &mut Tx, order_id: Uuid) -> Result<Order, Failure> {
    let order = orders::find(tx.conn(), order_id).await?;
    order.ok_or_else(|| Failure::reject(format!("there is no order {order_id}")))
}

fn next_of(order: Order, input: Input) -> Option<(Order, State)> {
    let next = order.state.on(input);
    if next.is_none() {
        tracing::debug!(order.id = %order.order_id, order.state = order.state.name(), ?input, "came too late, changes nothing");
    }
    next.map(|state| (order, state))
}
