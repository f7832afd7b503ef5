use pipeline::{Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::domain::{Input, completes_without_payment};
use crate::store::orders;

/// The order is reserved, and complete if nothing is to be paid.
pub(crate) struct StockReserved;

impl Transactional for StockReserved {
    type Event = shop_events::StockReserved;
    type Context = Changes;

    async fn handle(
        reserved: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let next = super::next(tx, reserved.order_id, Input::StockReserved).await?;
        let Some((mut order, state)) = next else { return Ok(()) };
        let now = tx.now_micros();
        orders::advance(tx.conn(), &mut order, state, None, now).await?;
        tx.emit(&order.reserved(now))?;
        if completes_without_payment(&order)
            && let Some(state) = order.state.on(Input::PaymentCaptured)
        {
            orders::advance(tx.conn(), &mut order, state, None, now).await?;
            tx.emit(&order.completed(None, now))?;
        }
        changes.hint(order.order_id);
        Ok(())
    }
}
