use pipeline::{Failure, Received, Transactional, Tx};
use shop_events::ProductDelisted;

use crate::stock;

/// Adds what arrived; whether the product can be bought is for the cart and order services to say.
pub(crate) struct LearnDelisted;

impl Transactional for LearnDelisted {
    type Event = ProductDelisted;
    type Context = ();

    async fn handle(
        product: &Received<ProductDelisted>,
        tx: &mut Tx,
        _: &(),
    ) -> Result<(), Failure> {
        stock::arrive(&product.product_id, product.restocked_total, tx).await
    }
}
