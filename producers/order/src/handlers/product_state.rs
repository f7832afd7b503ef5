use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::store::products::{self, Product};

/// Keeps what orders need of a product. One handler for ProductListed, ProductRepriced,
/// ProductRestocked and ProductDelisted: each carries the product's whole state.
pub(crate) struct ProductState<E>(PhantomData<E>);

impl<E: Event> Transactional for ProductState<E>
where
    for<'a> Product: From<&'a E>,
{
    type Event = E;
    type Context = Changes;

    async fn handle(product: &Received<E>, tx: &mut Tx, _: &Changes) -> Result<(), Failure> {
        Ok(products::keep(tx.conn(), &Product::from(&product.event)).await?)
    }
}
