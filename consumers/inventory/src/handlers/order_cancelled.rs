use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::OrderCancelled;

use crate::stock;

/// Frees what the order held, or takes back what it had bought.
pub(crate) struct ReleaseCancelled;

impl Transactional for ReleaseCancelled {
    type Event = OrderCancelled;
    type Context = ();

    async fn handle(order: &Received<OrderCancelled>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        stock::end(order.order_id, tx).await
    }
}
