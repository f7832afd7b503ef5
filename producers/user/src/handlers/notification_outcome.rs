use std::marker::PhantomData;

use pipeline::{Event, Failure, Received, Transactional, Tx};
use shop_events::{NotificationFailed, NotificationSent};

use crate::store::notifications::{self, Notification};

/// Keeps what a user was told. One handler for NotificationSent and NotificationFailed.
pub(crate) struct NotificationOutcome<E>(PhantomData<E>);

impl<E: Event> Transactional for NotificationOutcome<E>
where
    for<'a> Notification: From<&'a E>,
{
    type Event = E;
    type Context = ();

    async fn handle(event: &Received<E>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let told = Notification::from(&event.event);
        if !notifications::keep(tx.conn(), &told).await? {
            tracing::debug!(order.id = %told.order_id, "it told nobody of ours, so it is not kept");
        }
        Ok(())
    }
}

impl From<&NotificationSent> for Notification {
    fn from(sent: &NotificationSent) -> Self {
        Notification {
            notification_id: sent.notification_id,
            user_id: sent.user_id,
            order_id: sent.order_id,
            channel: sent.channel.name().into(),
            template: sent.template.clone(),
            recipient: Some(sent.recipient.clone()),
            outcome: "sent".into(),
            reason: None,
            detail: None,
            at: sent.sent_at,
        }
    }
}

impl From<&NotificationFailed> for Notification {
    fn from(failed: &NotificationFailed) -> Self {
        Notification {
            notification_id: failed.notification_id,
            user_id: failed.user_id,
            order_id: failed.order_id,
            channel: failed.channel.name().into(),
            template: failed.template.clone(),
            recipient: failed.recipient.clone(),
            outcome: "failed".into(),
            reason: Some(failed.reason.name().into()),
            detail: failed.detail.clone(),
            at: failed.failed_at,
        }
    }
}
