use pipeline::{Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::domain::Input;
use crate::store::{orders, payments};

/// The order is turned down: it could not be charged.
pub(crate) struct PaymentDeclined;

impl Transactional for PaymentDeclined {
    type Event = shop_events::PaymentDeclined;
    type Context = Changes;

    async fn handle(
        declined: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let order = super::order(tx, declined.order_id).await?;
        payments::declined(tx.conn(), declined).await?;
        changes.hint(order.order_id);
        let Some((mut order, state)) = super::next_of(order, Input::PaymentDeclined) else {
            return Ok(());
        };
        let now = tx.now_micros();
        let why = match &declined.detail {
            Some(detail) => format!("the payment was declined: {detail}"),
            None => "the payment was declined".to_owned(),
        };
        orders::advance(tx.conn(), &mut order, state, Some(&why), now).await?;
        tx.emit(&order.not_paid(declined.detail.clone(), now))?;
        Ok(())
    }
}
