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
use crate::news::{About, News, OWN_CHANNEL};
use crate::pages::Pages;
use crate::people::{self, Device};
use crate::push::message::Message;
use crate::push::post::{self, Post, Posted};
use crate::push::templates::Templates;
use crate::push::turns::{Rule, Turns};
use crate::settled::{Channel, Settled};
use crate::timing::{Outcome, Timing};

/// Tries in all; then the message is told as undeliverable. Before the engine would dead-letter it: a
/// customer's device is nothing that somebody on call could mend.
const TRIES: u32 = 9;
/// From the first try to the last one, however long a push service wants to be left alone: what waits is
/// held in memory, and others wait for room.
const TRIED_FOR: Duration = Duration::from_secs(120);
/// The wait after the first try, doubled with each.
const FIRST: Duration = Duration::from_secs(2);
/// The one wait for a user who is not known: their record may be on its way. A test has the record come
/// meanwhile, also where the machine stands still for a while.
const UNKNOWN_WAIT: Duration = Duration::from_secs(if cfg!(test) { 20 } else { 5 });
/// Messages of one user under way at once, of the hundred that the group has under way.
const OF_USER: (usize, usize) = (20, 2);
/// Requests to one push service. One that is quick has no bound: all customers may have the same.
const OF_HOST: (usize, usize) = (usize::MAX, 10);

/// Tells devices and open pages.
#[derive(Clone)]
pub(crate) struct Pusher(Arc<Inner>);

struct Inner {
    store: Store,
    templates: Templates,
    post: Post,
    pages: Pages,
    timing: Timing,
    of_users: Turns,
    of_hosts: Turns,
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
        let after = post.timeout() / 2;
        let turns = |(quick, slow)| Turns::new(Rule { quick, slow, after });
        let (of_users, of_hosts) = (turns(OF_USER), turns(OF_HOST));
        Ok(Pusher(Arc::new(Inner { store, templates, post, pages, timing, of_users, of_hosts })))
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
        match people::find(store.reader(), about.user_id).await? {
            Some(person) if person.push_enabled => {}
            Some(_) => return Ok(Emit::none()),
            None => return self.not_known(about, call).await,
        }
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, call.idempotency_key().as_bytes());
        let name = N::PUSH.name;
        let words = templates.render(N::PUSH, news).map_err(Failure::reject)?;
        let json = Message::new(id, name, about.order_id, &words, call.now_micros()).json();
        let shown = self.show(about.user_id, id, (name, &json), call.now_micros()).await?;
        let Some(shown_at) = shown else { return Ok(Emit::none()) };
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
        let posting = self.post_in_turn(about.user_id, &devices, &json, id, call.now_micros());
        let mut tally = posting.instrument(span).await;
        let tried_for = call.now_micros().saturating_sub(shown_at);
        let tried_for = Duration::from_micros(tried_for.try_into().unwrap_or(0));
        let asked = tally.later.as_ref().map(|(_, asked, _)| *asked);
        let spread = id.as_u128() as u8;
        let wait = asked.and_then(|asked| wait(call.tries, tried_for, asked, spread));
        let again = tally.later.take_if(|_| wait.is_some()).zip(wait);
        self.note(about.user_id, id, &tally, &before, again.is_some(), call).await?;
        if let Some(((why, _, in_doubt), wait)) = again {
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

    /// Orders and users are different topics, and the order may have been read first. Who ordered by
    /// another channel has no account, and where nobody is known there is no user service.
    async fn not_known(&self, about: About<'_>, call: &Call) -> Result<Emit, Failure> {
        let may_come = about.channel == OWN_CHANNEL && call.tries == 0;
        if may_come && people::any(self.0.store.reader()).await? {
            return Err(Failure::retry_after("the user is not known yet", UNKNOWN_WAIT));
        }
        Ok(Emit::none())
    }

    /// Keeps it for open pages, and says since when; nothing where there is no such user any more.
    async fn show(
        &self,
        user_id: Uuid,
        id: Uuid,
        message: (&str, &str),
        now: i64,
    ) -> Result<Option<i64>, Failure> {
        let kept = self.0.store.write(Cause::default(), |tx| {
            async move { messages::keep(tx.conn(), user_id, id, message, now).await }.boxed()
        });
        Ok(kept.await?)
    }

    /// Posts it, unless others of this user are under way and slow.
    async fn post_in_turn(
        &self,
        user_id: Uuid,
        devices: &[Device],
        json: &str,
        id: Uuid,
        now: i64,
    ) -> Tally {
        if devices.is_empty() {
            return Tally::default();
        }
        match self.0.of_users.take(&user_id.to_string()) {
            Some(_turn) => self.post(devices, json, id, now).await,
            None => {
                let why = "too many messages of this user are under way".to_owned();
                Tally { later: Some((why, Duration::ZERO, false)), ..Tally::default() }
            }
        }
    }

    async fn post(&self, devices: &[Device], json: &str, id: Uuid, now: i64) -> Tally {
        let Inner { post, timing, of_hosts, .. } = &*self.0;
        let each = devices.iter().map(async |device| {
            let Some(_turn) = of_hosts.take(&post::host(&device.endpoint)) else {
                let why = "the push service is slow, and others wait for it".to_owned();
                return (device, Posted::Later { why, wait: None, in_doubt: false });
            };
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

/// How long to wait before the next try; nothing where there is none. `spread`, which differs from
/// message to message, makes it up to twice as long: those that were put off together come one by one.
fn wait(tries: u32, tried_for: Duration, asked: Duration, spread: u8) -> Option<Duration> {
    let left = TRIED_FOR.checked_sub(tried_for).filter(|left| !left.is_zero())?;
    let own = FIRST * (1 << tries.min(8));
    (tries + 1 < TRIES).then(|| (asked.max(own) + own.mul_f64(f64::from(spread) / 256.0)).min(left))
}

fn outcome(posted: &Posted) -> Outcome {
    match posted {
        Posted::Sent => Outcome::SENT,
        Posted::Gone => Outcome::GONE,
        Posted::Refused(_) => Outcome::REFUSED,
        Posted::Later { .. } => Outcome::LATER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_tried_for_two_minutes_whatever_the_push_service_asks_for() {
        let seconds = Duration::from_secs;
        assert_eq!(wait(0, seconds(0), seconds(0), 0), Some(FIRST));
        assert_eq!(wait(0, seconds(0), seconds(3), 0), Some(seconds(3)));
        assert_eq!(wait(2, seconds(6), seconds(0), 128), Some(seconds(12)));
        assert_eq!(wait(0, seconds(10), seconds(600), 255), Some(seconds(110)));
        assert_eq!(wait(1, seconds(120), seconds(600), 0), None);
        assert_eq!(wait(TRIES - 1, seconds(1), seconds(1), 0), None);
        // A service that was away for an hour asks once more, and not again.
        assert_eq!(wait(0, seconds(3_600), seconds(0), 0), None);
    }
}
