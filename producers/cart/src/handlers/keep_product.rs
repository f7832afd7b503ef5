use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::ProductState;

use crate::store::products;

/// Keeps what carts need of a product. One handler for ProductListed, ProductRepriced,
/// ProductRestocked and ProductDelisted: each carries the product's whole state.
pub(crate) struct KeepProduct<E>(PhantomData<E>);

impl<E: Event> Transactional for KeepProduct<E>
where
    for<'a> ProductState: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(product: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let product = ProductState::from(&product.event);
        if let Some(problem) = product.problem() {
            return Err(Failure::reject(problem));
        }
        Ok(products::keep(tx.conn(), &product).await?)
    }
}
