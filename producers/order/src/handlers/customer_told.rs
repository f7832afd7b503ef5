use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};

use crate::changes::Changes;
use crate::store::notifications::{self, Notification};

/// Remembers what the customer was told, or could not be. One handler for NotificationSent and
/// NotificationFailed.
pub(crate) struct CustomerTold<E>(PhantomData<E>);

impl<E: Event> Transactional for CustomerTold<E>
where
    for<'a> Notification: From<&'a E>,
{
    type Event = E;
    type Context = Changes;

    async fn handle(event: &Received<E>, tx: &mut Tx, _: &Changes) -> Result<(), Failure> {
        let told = Notification::from(&event.event);
        if !notifications::keep(tx.conn(), &told).await? {
            // Nothing of ours rests on it, so it is not worth a dead letter.
            tracing::debug!(order.id = %told.order_id, "it is about no order of ours, so it is not kept");
        }
        Ok(())
    }
}
