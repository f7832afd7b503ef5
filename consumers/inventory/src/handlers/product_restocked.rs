use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::ProductRestocked;

use crate::stock;

/// Adds what arrived.
pub(crate) struct Restock;

impl Transactional for Restock {
    type Event = ProductRestocked;
    type Context = ();

    async fn handle(
        product: &Received<ProductRestocked>,
        tx: &mut Tx,
        _: &(),
    ) -> Result<(), Failure> {
        stock::arrive(&product.product_id, product.restocked_total, tx).await
    }
}
