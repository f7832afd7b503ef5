use pipeline::{Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::domain::order_of_cart;
use crate::store::orders;

/// Places the order of a cart, or of another channel: one a checkout, and one a channel's reference.
pub(crate) struct CartCheckedOut;

impl Transactional for CartCheckedOut {
    type Event = shop_events::CartCheckedOut;
    type Context = Changes;

    async fn handle(
        cart: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let order = order_of_cart(cart).map_err(Failure::reject)?;
        let now = tx.now_micros();
        if orders::insert(tx.conn(), &order, None, now).await? {
            tx.emit(&order.placed())?;
            changes.hint(order.order_id);
            return Ok(());
        }
        let known = orders::find_same(tx.conn(), &order).await?;
        let known = known.ok_or_else(|| Failure::retry("an order like this one has just gone"))?;
        let same = (known.user_id, known.total, &known.currency, &known.lines)
            == (order.user_id, order.total, &order.currency, &order.lines);
        if !same {
            return Err(Failure::reject(format!(
                "its checkout_id, or its channel and order_ref, has placed order {} already, which is another: a new order needs new ones",
                known.order_id
            )));
        }
        tracing::debug!(order.id = %known.order_id, "checked out again, changes nothing");
        Ok(())
    }
}
