use shop_events::{OrderCancelled, OrderRejected, OrderReserved};
use uuid::Uuid;

/// What is needed of an order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<'a> {
    pub(crate) order_id: Uuid,
    pub(crate) user_id: Uuid,
    /// Minor units.
    pub(crate) total: i64,
    pub(crate) currency: &'a str,
}

macro_rules! states {
    ($($event:ident),*) => {$(
        impl<'a> From<&'a $event> for Order<'a> {
            fn from(event: &'a $event) -> Self {
                Order {
                    order_id: event.order_id,
                    user_id: event.user_id,
                    total: event.total,
                    currency: &event.currency,
                }
            }
        }
    )*};
}
states!(OrderReserved, OrderRejected, OrderCancelled);
