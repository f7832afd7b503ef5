use pipeline::{Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::store::payments;

/// The customer has the money back. The order remembers that; it has ended before.
pub(crate) struct PaymentRefunded;

impl Transactional for PaymentRefunded {
    type Event = shop_events::PaymentRefunded;
    type Context = Changes;

    async fn handle(
        refunded: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let order = super::order(tx, refunded.order_id).await?;
        payments::refunded(tx.conn(), refunded).await?;
        changes.hint(order.order_id);
        Ok(())
    }
}
