//! What every mail has in common, from its recipient to the event that tells of it.

use std::sync::Arc;

use lettre::Address;
use lettre::message::Mailbox;
use pipeline::{Call, Emit, Failure};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};
use serde::Serialize;
use shop_events::{NotificationChannel, NotificationFailed, NotificationFailure, NotificationSent};
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use crate::delivery::{Delivery, Undelivered};
use crate::domain::mask;
use crate::email::compose::{self, Head};
use crate::email::templates::{Template, Templates};

/// A mail to be sent: which one, about which order, to whom.
pub(crate) struct Letter<'a> {
    pub(crate) template: &'static Template,
    pub(crate) order_id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) email: Option<&'a str>,
    pub(crate) name: Option<&'a str>,
}

/// Sends mails.
#[derive(Clone)]
pub(crate) struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    templates: Templates,
    delivery: Delivery,
    seconds: Family<Delivered, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Delivered {
    outcome: &'static str,
}

impl Delivered {
    const SENT: Self = Delivered { outcome: "sent" };
    const REFUSED: Self = Delivered { outcome: "refused" };
    const LATER: Self = Delivered { outcome: "later" };
}

/// What became of a mail, once that is settled.
struct Settled<'a> {
    letter: &'a Letter<'a>,
    id: Uuid,
    /// Masked.
    recipient: Option<String>,
    message_id: Option<String>,
}

impl Mailer {
    /// From this sender, by this way.
    pub(crate) fn new(from: Mailbox, delivery: Delivery) -> anyhow::Result<Self> {
        // 5 ms to 80 s.
        let seconds: Family<Delivered, Histogram> =
            Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.005, 2.0, 15)));
        Ok(Mailer(Arc::new(Inner { from, templates: Templates::new()?, delivery, seconds })))
    }

    /// Adds its metric, with every outcome there from the first scrape.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let seconds = self.0.seconds.clone();
        for outcome in [Delivered::SENT, Delivered::REFUSED, Delivered::LATER] {
            drop(seconds.get_or_create(&outcome));
        }
        let help = "Time the mail server took";
        registry.register_with_unit("mail_delivery", help, Unit::Seconds, seconds);
    }

    /// Sends one mail and tells what became of it. A mail that nobody will ever take is told as
    /// failed: there is nothing for a person on call to repair.
    pub(crate) async fn tell<E: Serialize>(
        &self,
        letter: Letter<'_>,
        event: &E,
        call: &Call,
    ) -> Result<Emit, Failure> {
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, call.idempotency_key().as_bytes());
        let mut settled = Settled { letter: &letter, id, recipient: None, message_id: None };
        let Some(email) = letter.email.map(str::trim).filter(|email| !email.is_empty()) else {
            return settled.failed(
                NotificationFailure::NoRecipient,
                "the order has no address",
                call,
            );
        };
        compose::one_line("e-mail address", email).map_err(Failure::reject)?;
        settled.recipient = Some(mask::address(email));
        let Ok(to) = email.parse::<Address>() else {
            return settled.failed(NotificationFailure::Refused, "this is no e-mail address", call);
        };

        let Inner { from, templates, delivery, seconds } = &*self.0;
        let words = templates.render(letter.template, event).map_err(Failure::reject)?;
        let head = Head { id, from, name: letter.name, to, at_micros: call.now_micros() };
        settled.message_id = Some(head.message_id());
        let message = compose::compose(head, words).map_err(Failure::reject)?;
        if call.in_doubt {
            tracing::warn!(order.id = %letter.order_id, mail.id = %id,
                "whether this mail was sent is not known; it is sent again with the same Message-ID");
        }
        let span = tracing::info_span!(
            "mail",
            otel.name = "send mail",
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            mail.id = %id,
            mail.template = letter.template.name,
            mail.delivery = %delivery,
        );
        let begun = Instant::now();
        let delivered = delivery.deliver(id, message).instrument(span.clone()).await;
        let outcome = match &delivered {
            Ok(()) => Delivered::SENT,
            Err(Undelivered::Refused(_)) => Delivered::REFUSED,
            Err(Undelivered::Later(_)) => Delivered::LATER,
        };
        seconds.get_or_create(&outcome).observe(begun.elapsed().as_secs_f64());
        if let Err(undelivered) = &delivered {
            span.record("otel.status_code", "ERROR");
            span.record("otel.status_description", undelivered.reason());
        }
        match delivered {
            Ok(()) => settled.sent(call),
            Err(Undelivered::Refused(why)) => {
                settled.failed(NotificationFailure::Refused, &why, call)
            }
            Err(Undelivered::Later(failure)) => Err(failure),
        }
    }
}

impl Settled<'_> {
    fn sent(self, call: &Call) -> Result<Emit, Failure> {
        let Settled { letter, id, recipient, message_id } = self;
        let recipient = recipient.unwrap_or_default();
        tracing::info!(order.id = %letter.order_id, mail.id = %id, mail.to = recipient,
            mail.template = letter.template.name, "mail sent");
        let sent = NotificationSent {
            notification_id: id,
            order_id: letter.order_id,
            user_id: letter.user_id,
            channel: NotificationChannel::Email,
            template: letter.template.name.to_owned(),
            recipient,
            message_id,
            sent_at: call.now_micros(),
        };
        Ok(Emit::none().and(&sent, call)?)
    }

    fn failed(self, reason: NotificationFailure, why: &str, call: &Call) -> Result<Emit, Failure> {
        let Settled { letter, id, recipient, message_id } = self;
        tracing::warn!(order.id = %letter.order_id, mail.id = %id, mail.to = recipient,
            mail.template = letter.template.name, failure.reason = why, "mail cannot be sent");
        let failed = NotificationFailed {
            notification_id: id,
            order_id: letter.order_id,
            user_id: letter.user_id,
            channel: NotificationChannel::Email,
            template: letter.template.name.to_owned(),
            recipient,
            message_id,
            reason,
            detail: Some(why.to_owned()),
            failed_at: call.now_micros(),
        };
        Ok(Emit::none().and(&failed, call)?)
    }
}
