use pipeline::{Call, Effect, Emit, Failure, Received};
use shop_events::OrderCompleted;

use crate::email::templates;
use crate::mailer::{Letter, Mailer};

/// Tells the customer that the order was completed.
pub(crate) struct MailOrderCompleted;

impl Effect for MailOrderCompleted {
    type Event = OrderCompleted;
    type Context = Mailer;

    async fn perform(
        order: &Received<OrderCompleted>,
        call: &Call,
        mailer: &Mailer,
    ) -> Result<Emit, Failure> {
        let letter = Letter {
            template: &templates::ORDER_COMPLETED,
            order_id: order.order_id,
            user_id: order.user_id,
            email: order.email.as_deref(),
            name: order.name.as_deref(),
        };
        mailer.tell(letter, &order.event, call).await
    }
}
