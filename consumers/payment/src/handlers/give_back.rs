use std::marker::PhantomData;

use pipeline::{Call, Effect, Emit, Event, Failure, Received};

use crate::cashier::{Cashier, Order};

/// Gives back what was or will be charged for an order that has ended without it. One handler for
/// OrderRejected and OrderCancelled.
pub(crate) struct GiveBack<E>(PhantomData<E>);

impl<E: Event> Effect for GiveBack<E>
where
    for<'a> Order<'a>: From<&'a E>,
{
    type Event = E;
    type Context = Cashier;

    async fn perform(order: &Received<E>, call: &Call, cashier: &Cashier) -> Result<Emit, Failure> {
        cashier.give_back(Order::from(&order.event), call.cause()).await?;
        Ok(Emit::none())
    }
}
