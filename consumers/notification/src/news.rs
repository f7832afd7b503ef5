//! What a customer is told of, whatever the way.

use pipeline::Event;
use shop_events::{OrderCancelled, OrderCompleted, OrderRejected};
use uuid::Uuid;

use crate::{email, push};

/// An end of an order. Each in its file in `handlers/`.
pub(crate) trait News: Event {
    /// Its words as a mail.
    const MAIL: &'static email::templates::Template;
    /// Its words as a push message.
    const PUSH: &'static push::templates::Template;

    /// Which order, and whose.
    fn about(&self) -> About<'_>;
}

/// The channel of orders by customers who have an account.
pub(crate) const OWN_CHANNEL: &str = "web";

/// An order, as much as telling of it needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub(crate) order_id: Uuid,
    pub(crate) user_id: Uuid,
    /// [`OWN_CHANNEL`], or the name of another.
    pub(crate) channel: &'a str,
    /// The address that the customer gave with the order.
    pub(crate) email: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

macro_rules! ends {
    ($($event:ident),*) => {$(
        impl<'a> From<&'a $event> for About<'a> {
            fn from(event: &'a $event) -> Self {
                About {
                    order_id: event.order_id,
                    user_id: event.user_id,
                    channel: &event.channel,
                    email: event.email.as_deref(),
                    name: event.name.as_deref(),
                }
            }
        }
    )*};
}
ends!(OrderCompleted, OrderRejected, OrderCancelled);
