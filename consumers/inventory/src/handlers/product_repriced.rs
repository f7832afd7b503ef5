use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::ProductRepriced;

use crate::stock;

/// Adds what arrived, where compaction has left the repricing alone.
pub(crate) struct LearnRepriced;

impl Transactional for LearnRepriced {
    type Event = ProductRepriced;
    type Context = ();

    async fn handle(
        product: &Received<ProductRepriced>,
        tx: &mut Tx,
        _: &(),
    ) -> Result<(), Failure> {
        stock::arrive(&product.product_id, product.restocked_total, tx).await
    }
}
