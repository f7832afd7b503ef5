use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::{OrderCancelled, OrderCompleted, OrderPlaced, OrderRejected, OrderReserved};

use crate::store::orders::{self, Order};

/// Keeps a user's orders. One handler for the five states of an order: each record carries the
/// whole of it.
pub(crate) struct OrderState<E>(PhantomData<E>);

impl<E: Event> Transactional for OrderState<E>
where
    for<'a> Order: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(event: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let order = Order::from(&event.event);
        if !orders::keep(tx.conn(), &order).await? {
            tracing::debug!(order.id = %order.order_id, "nobody here has placed it, so it is not kept");
        }
        Ok(())
    }
}

macro_rules! states {
    ($($event:ident: $state:literal at $at:ident because $detail:expr;)*) => {$(
        impl From<&$event> for Order {
            fn from(event: &$event) -> Self {
                let detail: fn(&$event) -> Option<String> = $detail;
                Order {
                    order_id: event.order_id,
                    user_id: event.user_id,
                    state: $state.into(),
                    detail: detail(event),
                    channel: event.channel.clone(),
                    order_ref: event.order_ref.clone(),
                    lines: event.lines.clone(),
                    total: event.total,
                    currency: event.currency.clone(),
                    placed_at: event.placed_at,
                    changed_at: event.$at,
                }
            }
        }
    )*};
}
states!(
    OrderPlaced: "placed" at placed_at because |_| None;
    OrderReserved: "reserved" at reserved_at because |_| None;
    OrderCompleted: "completed" at completed_at because |_| None;
    OrderRejected: "rejected" at rejected_at because |order| order.detail.clone();
    OrderCancelled: "cancelled" at cancelled_at because |order| order.detail.clone();
);
