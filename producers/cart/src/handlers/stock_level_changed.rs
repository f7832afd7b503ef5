use pipeline::{Failure, Received, Transactional, Tx};

use crate::store::stock;

/// Keeps how much of a product can be ordered.
pub(crate) struct StockLevelChanged;

impl Transactional for StockLevelChanged {
    type Event = shop_events::StockLevelChanged;
    type Context = ();

    async fn handle(level: &Received<Self::Event>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        Ok(stock::keep(tx.conn(), level).await?)
    }
}
