use pipeline::{Call, Effect, Emit, Failure, Received};
use shop_events::OrderReserved;

use crate::cashier::{Cashier, Order};

/// Charges an order whose stock is held.
pub(crate) struct ChargeReserved;

impl Effect for ChargeReserved {
    type Event = OrderReserved;
    type Context = Cashier;

    async fn perform(
        order: &Received<OrderReserved>,
        call: &Call,
        cashier: &Cashier,
    ) -> Result<Emit, Failure> {
        if call.in_doubt {
            tracing::warn!(order.id = %order.order_id, "whether this order was charged is not known; the provider is asked");
        }
        let of = Order::from(&order.event);
        cashier
            .charge(of, order.payment_method.as_deref(), order.reserved_at, call.cause())
            .await?;
        Ok(Emit::none())
    }
}
