use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::ProductState;

use crate::domain::{Heard, Uncountable, hear};
use crate::store::{changes, products};

/// Keeps the catalogue in step with what others publish: one handler for the four records of
/// `products`, each of which carries the product's whole state. The service's own come back here too,
/// and change nothing.
pub(crate) struct LearnProduct<E>(PhantomData<E>);

impl<E: Event> Transactional for LearnProduct<E>
where
    for<'a> ProductState: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(product: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        if changes::is_own(tx.conn(), &product.meta.event_id).await? {
            return Ok(());
        }
        let heard = ProductState::from(&product.event);
        if let Some(problem) = heard.problem() {
            return Err(Failure::reject(problem));
        }
        let known = products::find(tx.conn(), &heard.product_id).await?;
        let known = known.map(|product| product.state);
        let decided = changes::decided(tx.conn(), &heard.product_id, heard.version).await?;
        let now = tx.now_micros();
        match hear(known.as_ref(), &heard, decided, now).map_err(uncountable)? {
            Heard::Keep(state) => products::save(tx.conn(), &state).await?,
            Heard::Old => {}
            Heard::Settle(change) => {
                tracing::warn!(
                    product.id = heard.product_id,
                    product.version = heard.version,
                    "another program has changed the product at the same time; what was decided here stands"
                );
                changes::make(tx, &change, None).await?;
            }
        }
        Ok(())
    }
}

fn uncountable(_: Uncountable) -> Failure {
    Failure::reject("its version or its stock is more than can be counted")
}
