use pipeline::{Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::domain::Input;
use crate::store::{orders, payments};

/// The order is paid, and complete unless it has ended meanwhile: then payment gives the money back.
pub(crate) struct PaymentCaptured;

impl Transactional for PaymentCaptured {
    type Event = shop_events::PaymentCaptured;
    type Context = Changes;

    async fn handle(
        captured: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let order = super::order(tx, captured.order_id).await?;
        if (captured.amount, &captured.currency) != (order.total, &order.currency) {
            return Err(Failure::reject(format!(
                "{} {} was charged for an order over {} {}",
                captured.amount, captured.currency, order.total, order.currency
            )));
        }
        payments::captured(tx.conn(), captured).await?;
        changes.hint(order.order_id);
        let Some((mut order, state)) = super::next_of(order, Input::PaymentCaptured) else {
            return Ok(());
        };
        let now = tx.now_micros();
        orders::advance(tx.conn(), &mut order, state, None, now).await?;
        tx.emit(&order.completed(Some(captured.payment_id), now))?;
        Ok(())
    }
}
