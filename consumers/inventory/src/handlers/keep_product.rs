use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::ProductState;

use crate::stock;

/// Learns of a product, and adds what has arrived of it. One handler for ProductListed,
/// ProductRepriced, ProductRestocked and ProductDelisted: each carries the product's whole state, and
/// whether it can be bought is for the cart and order services to say.
pub(crate) struct KeepProduct<E>(PhantomData<E>);

impl<E: Event> Transactional for KeepProduct<E>
where
    for<'a> ProductState: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(product: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let product = ProductState::from(&product.event);
        stock::arrive(&product.product_id, product.restocked_total, tx).await
    }
}
