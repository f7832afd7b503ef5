use pipeline::{Call, Effect, Emit, Failure, Received};
use shop_events::OrderRejected;

use crate::email::templates;
use crate::mailer::{Letter, Mailer};

/// Tells the customer that the order was rejected.
pub(crate) struct MailOrderRejected;

impl Effect for MailOrderRejected {
    type Event = OrderRejected;
    type Context = Mailer;

    async fn perform(
        order: &Received<OrderRejected>,
        call: &Call,
        mailer: &Mailer,
    ) -> Result<Emit, Failure> {
        let letter = Letter {
            template: &templates::ORDER_REJECTED,
            order_id: order.order_id,
            user_id: order.user_id,
            email: order.email.as_deref(),
            name: order.name.as_deref(),
        };
        mailer.tell(letter, &order.event, call).await
    }
}
