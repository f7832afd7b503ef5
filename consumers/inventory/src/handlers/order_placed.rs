use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::OrderPlaced;

use crate::stock;

/// Holds all lines of the order, or none.
pub(crate) struct ReserveStock;

impl Transactional for ReserveStock {
    type Event = OrderPlaced;
    type Context = ();

    async fn handle(order: &Received<OrderPlaced>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        stock::reserve(order, tx).await
    }
}
