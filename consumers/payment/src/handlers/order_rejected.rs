use pipeline::{Call, Effect, Emit, Failure, Received};
use shop_events::OrderRejected;

use crate::cashier::{Cashier, Order};

/// Gives back what was or will be charged for an order that was rejected.
pub(crate) struct GiveBackRejected;

impl Effect for GiveBackRejected {
    type Event = OrderRejected;
    type Context = Cashier;

    async fn perform(
        order: &Received<OrderRejected>,
        call: &Call,
        cashier: &Cashier,
    ) -> Result<Emit, Failure> {
        let of = Order {
            order_id: order.order_id,
            user_id: order.user_id,
            total: order.total,
            currency: &order.currency,
        };
        cashier.give_back(of, call.cause()).await?;
        Ok(Emit::none())
    }
}
