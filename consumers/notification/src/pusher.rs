//! What every push message has in common, from the customer's wish to the event that tells of it.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::join_all;
use pipeline::{Call, Cause, Emit, Failure, Store};
use prometheus_client::registry::Registry;
use shop_events::NotificationFailure;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use crate::messages;
use crate::news::News;
use crate::pages::Pages;
use crate::people::{self, Device};
use crate::push::message::Message;
use crate::push::post::{self, Post, Posted};
use crate::push::templates::Templates;
use crate::settled::{Channel, Settled};
use crate::timing::{Outcome, Timing};

/// Tries in all, within some eight minutes; then the message is told as undeliverable. Before the engine
/// would dead-letter it: a customer's device is nothing that somebody on call could mend.
const TRIES: u32 = 9;
/// The wait after the first try, doubled with each.
const FIRST: Duration = Duration::from_secs(2);
/// However long a push service wants to be left alone.
const LONGEST: Duration = Duration::from_secs(600);

/// Tells devices and open pages.
#[derive(Clone)]
pub(crate) struct Pusher(Arc<Inner>);

struct Inner {
    store: Store,
    templates: Templates,
    post: Post,
    pages: Pages,
    timing: Timing,
}

/// What became of a message at all devices of its user.
#[derive(Default)]
struct Tally {
    sent: Vec<String>,
    gone: Vec<String>,
    refused: Option<String>,
    later: Option<(String, Duration, bool)>,
}

impl Pusher {
    pub(crate) fn new(store: Store, post: Post, pages: Pages) -> anyhow::Result<Self> {
        let timing = Timing::new("push_delivery", "Time the push service took");
        let templates = Templates::new()?;
        Ok(Pusher(Arc::new(Inner { store, templates, post, pages, timing })))
    }

    /// Adds its metric, with every outcome there from the first scrape.
    pub(crate) fn register(&self, registry: &mut Registry) {
        let outcomes = [Outcome::SENT, Outcome::GONE, Outcome::REFUSED, Outcome::LATER];
        self.0.timing.register(registry, &outcomes);
    }

    /// Sends one message to all devices of its user and tells what became of it. Who does not want
    /// push messages, or is not known, is told nothing, and nothing is told of that.
    pub(crate) async fn tell<N: News>(&self, news: &N, call: &Call) -> Result<Emit, Failure> {
        let Inner { store, templates, pages, .. } = &*self.0;
        let about = news.about();
        let person = people::find(store.reader(), about.user_id).await?;
        if !person.is_some_and(|person| person.push_enabled) {
            return Ok(Emit::none());
        }
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, call.idempotency_key().as_bytes());
        let name = N::PUSH.name;
        let words = templates.render(N::PUSH, news).map_err(Failure::reject)?;
        let json = Message::new(id, name, about.order_id, &words, call.now_micros()).json();
        if !self.show(about.user_id, id, (name, &json), call.now_micros()).await? {
            return Ok(Emit::none());
        }
        pages.hint(about.user_id);

        let before = messages::sent(store.reader(), id).await?;
        let mut devices = people::devices_of(store.reader(), about.user_id).await?;
        devices.retain(|device| !before.contains(&device.endpoint));
        if call.in_doubt && !devices.is_empty() {
            tracing::warn!(order.id = %about.order_id, push.id = %id,
                "whether this push message was sent is not known; it is sent again under the same topic");
        }
        let span = tracing::info_span!(
            "push",
            otel.name = "send push messages",
            otel.kind = "client",
            push.id = %id,
            push.template = name,
            push.devices = devices.len(),
        );
        let mut tally = self.post(&devices, &json, id, call.now_micros()).instrument(span).await;
        let again = tally.later.take_if(|_| call.tries + 1 < TRIES);
        self.note(about.user_id, id, &tally, &before, again.is_some(), call).await?;
        if let Some((why, wait, in_doubt)) = again {
            let wait = wait.max(FIRST * (1 << call.tries.min(8))).min(LONGEST);
            return Err(if in_doubt {
                Failure::in_doubt(why)
            } else {
                Failure::retry_after(why, wait)
            });
        }
        tally.sent.extend(before);
        let channel = Channel::Push;
        let settled =
            Settled { about, channel, template: name, id, message_id: None, recipient: None };
        tally.told(settled, call)
    }

    /// Keeps it for open pages, and says whether there still is such a user.
    async fn show(
        &self,
        user_id: Uuid,
        id: Uuid,
        message: (&str, &str),
        now: i64,
    ) -> Result<bool, Failure> {
        let kept = self.0.store.write(Cause::default(), |tx| {
            async move { messages::keep(tx.conn(), user_id, id, message, now).await }.boxed()
        });
        Ok(kept.await?)
    }

    async fn post(&self, devices: &[Device], json: &str, id: Uuid, now: i64) -> Tally {
        let Inner { post, timing, .. } = &*self.0;
        let each = devices.iter().map(async |device| {
            let begun = Instant::now();
            let posted = post.post(device, json.as_bytes(), id, now).await;
            timing.observe(outcome(&posted), begun.elapsed());
            (device, posted)
        });
        let mut tally = Tally::default();
        for (device, posted) in join_all(each).await {
            tally.count(&device.endpoint, posted);
        }
        tally
    }

    /// Writes down what the next try, and the next message, have to know.
    async fn note(
        &self,
        user_id: Uuid,
        id: Uuid,
        tally: &Tally,
        before: &[String],
        again: bool,
        call: &Call,
    ) -> Result<(), Failure> {
        let anything = if again { !tally.sent.is_empty() } else { !before.is_empty() };
        if tally.gone.is_empty() && !anything {
            return Ok(());
        }
        let now = call.now_micros();
        let noted: Result<(), sqlx::Error> = self
            .0
            .store
            .write(Cause::default(), |tx| {
                async move {
                    for endpoint in &tally.gone {
                        people::mark_gone(tx.conn(), user_id, endpoint, now).await?;
                    }
                    if !again {
                        return messages::all_sent(tx.conn(), id).await;
                    }
                    for endpoint in &tally.sent {
                        messages::note_sent(tx.conn(), user_id, id, endpoint).await?;
                    }
                    Ok(())
                }
                .boxed()
            })
            .await;
        Ok(noted?)
    }
}

impl Tally {
    fn count(&mut self, endpoint: &str, posted: Posted) {
        let at = |why: String| format!("{}: {why}", post::host(endpoint));
        match posted {
            Posted::Sent => self.sent.push(endpoint.to_owned()),
            Posted::Gone => self.gone.push(endpoint.to_owned()),
            Posted::Refused(why) => self.refused = Some(at(why)),
            Posted::Later { why, wait, in_doubt } => {
                let (_, longest, doubt) = self.later.take().unwrap_or_default();
                let wait = wait.unwrap_or_default().max(longest);
                self.later = Some((at(why), wait, in_doubt || doubt));
            }
        }
    }

    /// One device that has it is enough.
    fn told(self, mut settled: Settled<'_>, call: &Call) -> Result<Emit, Failure> {
        let hosts = |endpoints: &[String]| {
            let mut hosts: Vec<_> = endpoints.iter().map(|one| post::host(one)).collect();
            hosts.sort_unstable();
            hosts.dedup();
            hosts.join(", ")
        };
        if !self.sent.is_empty() {
            settled.recipient = Some(hosts(&self.sent));
            return settled.sent(call);
        }
        if let Some((why, ..)) = self.later {
            return settled.failed(NotificationFailure::Undeliverable, &why, call);
        }
        if let Some(why) = self.refused {
            return settled.failed(NotificationFailure::Refused, &why, call);
        }
        if !self.gone.is_empty() {
            settled.recipient = Some(hosts(&self.gone));
            let why = "the push service knows the device no more";
            return settled.failed(NotificationFailure::NoRecipient, why, call);
        }
        // No device: open pages have it.
        Ok(Emit::none())
    }
}

fn outcome(posted: &Posted) -> Outcome {
    match posted {
        Posted::Sent => Outcome::SENT,
        Posted::Gone => Outcome::GONE,
        Posted::Refused(_) => Outcome::REFUSED,
        Posted::Later { .. } => Outcome::LATER,
    }
}
