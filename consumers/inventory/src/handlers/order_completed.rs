use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::OrderCompleted;

use crate::stock;

/// Marks what the order held as sold.
pub(crate) struct SellStock;

impl Transactional for SellStock {
    type Event = OrderCompleted;
    type Context = ();

    async fn handle(order: &Received<OrderCompleted>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        stock::complete(order.order_id, tx).await
    }
}
