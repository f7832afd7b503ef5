//! What every mail has in common, from its recipient to the event that tells of it.

use std::sync::Arc;

use lettre::Address;
use lettre::message::Mailbox;
use pipeline::{Call, Emit, Failure, Store};
use prometheus_client::registry::Registry;
use shop_events::NotificationFailure;
use tokio::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

use crate::delivery::{Delivery, Undelivered};
use crate::domain::mask;
use crate::email::compose::{self, Head};
use crate::email::templates::Templates;
use crate::news::News;
use crate::people;
use crate::settled::{Channel, Settled};
use crate::timing::{Outcome, Timing};

/// Sends mails.
#[derive(Clone)]
pub(crate) struct Mailer(Arc<Inner>);

struct Inner {
    store: Store,
    from: Mailbox,
    templates: Templates,
    delivery: Delivery,
    timing: Timing,
}

impl Mailer {
    /// From this sender, by this way.
    pub(crate) fn new(store: Store, from: Mailbox, delivery: Delivery) -> anyhow::Result<Self> {
        let timing = Timing::new("mail_delivery", "Time the mail server took");
        let templates = Templates::new()?;
        Ok(Mailer(Arc::new(Inner { store, from, templates, delivery, timing })))
    }

    /// Adds its metric, with every outcome there from the first scrape.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.0.timing.register(registry, &[Outcome::SENT, Outcome::REFUSED, Outcome::LATER]);
    }

    /// How many mails are worth to be begun at once.
    pub(crate) fn at_once(&self) -> usize {
        self.0.delivery.at_once()
    }

    /// Sends one mail and tells what became of it. A mail that nobody will ever take is told as
    /// failed: there is nothing for a person on call to repair. Who does not want mails is told
    /// nothing, and nothing is told of that.
    pub(crate) async fn tell<N: News>(&self, news: &N, call: &Call) -> Result<Emit, Failure> {
        let Inner { store, from, templates, delivery, timing } = &*self.0;
        let (about, template) = (news.about(), N::MAIL);
        let person = people::find(store.reader(), about.user_id).await?;
        if person.as_ref().is_some_and(|person| !person.email_enabled) {
            tracing::debug!(order.id = %about.order_id, "the customer wants no mails");
            return Ok(Emit::none());
        }
        // What came with the order counts first.
        let given = |text: Option<&'_ str>| {
            text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let known = person.map(|person| (Some(person.email), person.name)).unwrap_or_default();
        let email = given(about.email).or(known.0);
        let name = given(about.name).or(known.1);

        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, call.idempotency_key().as_bytes());
        let mut settled = Settled {
            about,
            channel: Channel::Mail,
            template: template.name,
            id,
            recipient: None,
            message_id: None,
        };
        let Some(email) = email else {
            let why = "neither the order nor the user has an address";
            return settled.failed(NotificationFailure::NoRecipient, why, call);
        };
        let email = email.trim();
        compose::one_line("e-mail address", email).map_err(Failure::reject)?;
        settled.recipient = Some(mask::address(email));
        let Ok(to) = email.parse::<Address>() else {
            return settled.failed(NotificationFailure::Refused, "this is no e-mail address", call);
        };

        let words = templates.render(template, news).map_err(Failure::reject)?;
        let name = name.as_deref();
        let head = Head { id, from, name, to, at_micros: call.now_micros() };
        settled.message_id = Some(head.message_id());
        let message = compose::compose(head, words).map_err(Failure::reject)?;
        if call.in_doubt {
            tracing::warn!(order.id = %about.order_id, mail.id = %id,
                "whether this mail was sent is not known; it is sent again with the same Message-ID");
        }
        let span = tracing::info_span!(
            "mail",
            otel.name = "send mail",
            otel.kind = "client",
            otel.status_code = Empty,
            otel.status_description = Empty,
            mail.id = %id,
            mail.template = template.name,
            mail.delivery = %delivery,
        );
        let begun = Instant::now();
        let delivered = delivery.deliver(id, message).instrument(span.clone()).await;
        let outcome = match &delivered {
            Ok(()) => Outcome::SENT,
            Err(Undelivered::Refused(_)) => Outcome::REFUSED,
            Err(Undelivered::Later(_)) => Outcome::LATER,
        };
        timing.observe(outcome, begun.elapsed());
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
