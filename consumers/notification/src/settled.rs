//! What became of a message, once that is settled: an event, and a line in the log.

use pipeline::{Call, Emit, Failure};
use shop_events::{NotificationChannel, NotificationFailed, NotificationFailure, NotificationSent};
use uuid::Uuid;

use crate::news::About;

/// The way that a message went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Mail,
    Push,
}

impl Channel {
    fn in_events(self) -> NotificationChannel {
        match self {
            Channel::Mail => NotificationChannel::Email,
            Channel::Push => NotificationChannel::Push,
        }
    }
}

/// A message whose end is known.
pub(crate) struct Settled<'a> {
    pub(crate) about: About<'a>,
    pub(crate) channel: Channel,
    pub(crate) template: &'static str,
    pub(crate) id: Uuid,
    /// Masked.
    pub(crate) recipient: Option<String>,
    pub(crate) message_id: Option<String>,
}

impl Settled<'_> {
    pub(crate) fn sent(self, call: &Call) -> Result<Emit, Failure> {
        let Settled { about, channel, template, id, recipient, message_id } = self;
        let recipient = recipient.unwrap_or_default();
        match channel {
            Channel::Mail => tracing::info!(order.id = %about.order_id, mail.id = %id,
                mail.to = recipient, mail.template = template, "mail sent"),
            Channel::Push => tracing::info!(order.id = %about.order_id, push.id = %id,
                push.to = recipient, push.template = template, "push message sent"),
        }
        let sent = NotificationSent {
            notification_id: id,
            order_id: about.order_id,
            user_id: about.user_id,
            channel: channel.in_events(),
            template: template.to_owned(),
            recipient,
            message_id,
            sent_at: call.now_micros(),
        };
        Ok(Emit::none().and(&sent, call)?)
    }

    pub(crate) fn failed(
        self,
        reason: NotificationFailure,
        why: &str,
        call: &Call,
    ) -> Result<Emit, Failure> {
        let Settled { about, channel, template, id, recipient, message_id } = self;
        match channel {
            Channel::Mail => tracing::warn!(order.id = %about.order_id, mail.id = %id,
                mail.to = recipient, mail.template = template, failure.reason = why,
                "mail cannot be sent"),
            Channel::Push => tracing::warn!(order.id = %about.order_id, push.id = %id,
                push.to = recipient, push.template = template, failure.reason = why,
                "push message cannot be sent"),
        }
        let failed = NotificationFailed {
            notification_id: id,
            order_id: about.order_id,
            user_id: about.user_id,
            channel: channel.in_events(),
            template: template.to_owned(),
            recipient,
            message_id,
            reason,
            detail: Some(why.to_owned()),
            failed_at: call.now_micros(),
        };
        Ok(Emit::none().and(&failed, call)?)
    }
}
