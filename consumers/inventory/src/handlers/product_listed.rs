use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::ProductListed;

use crate::stock;

/// Learns of a product and of its stock.
pub(crate) struct LearnListed;

impl Transactional for LearnListed {
    type Event = ProductListed;
    type Context = ();

    async fn handle(product: &Received<ProductListed>, tx: &mut Tx, _: &()) -> Result<(), Failure> {
        stock::arrive(&product.product_id, product.restocked_total, tx).await
    }
}
