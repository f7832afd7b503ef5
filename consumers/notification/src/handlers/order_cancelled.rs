use pipeline::{Call, Effect, Emit, Failure, Received};
use shop_events::OrderCancelled;

use crate::email::templates;
use crate::mailer::{Letter, Mailer};

/// Tells the customer that the order was cancelled.
pub(crate) struct MailOrderCancelled;

impl Effect for MailOrderCancelled {
    type Event = OrderCancelled;
    type Context = Mailer;

    async fn perform(
        order: &Received<OrderCancelled>,
        call: &Call,
        mailer: &Mailer,
    ) -> Result<Emit, Failure> {
        let letter = Letter {
            template: &templates::ORDER_CANCELLED,
            order_id: order.order_id,
            user_id: order.user_id,
            email: order.email.as_deref(),
            name: order.name.as_deref(),
        };
        mailer.tell(letter, &order.event, call).await
    }
}
