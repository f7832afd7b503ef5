use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::Shortage;

use crate::changes::Changes;
use crate::domain::Input;
use crate::store::orders;

/// The order is turned down: not all of it is in stock.
pub(crate) struct StockRejected;

impl Transactional for StockRejected {
    type Event = shop_events::StockRejected;
    type Context = Changes;

    async fn handle(
        rejected: &Received<Self::Event>,
        tx: &mut Tx,
        changes: &Changes,
    ) -> Result<(), Failure> {
        let next = super::next(tx, rejected.order_id, Input::StockRejected).await?;
        let Some((mut order, state)) = next else { return Ok(()) };
        let now = tx.now_micros();
        let why = why(&rejected.shortages);
        orders::advance(tx.conn(), &mut order, state, Some(&why), now).await?;
        let shortages = rejected.shortages.clone();
        tx.emit(&order.out_of_stock(shortages, rejected.detail.clone(), now))?;
        changes.hint(order.order_id);
        Ok(())
    }
}

/// For the customer: the first few are enough.
fn why(shortages: &[Shortage]) -> String {
    let named: Vec<String> = shortages
        .iter()
        .take(5)
        .map(|s| format!("{} (wanted {}, there were {})", s.product_id, s.requested, s.available))
        .collect();
    format!("out of stock: {}", named.join(", "))
}
