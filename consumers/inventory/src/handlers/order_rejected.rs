use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::OrderRejected;

use crate::stock;

/// Frees what the order held.
pub(crate) struct ReleaseRejected;

impl Transactional for ReleaseRejected {
    type Event = OrderRejected;
    type Context = ();

    async fn handle(order: &Received<OrderRejected>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        stock::end(order.order_id, tx).await
    }
}
