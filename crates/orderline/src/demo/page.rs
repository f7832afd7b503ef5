//! A customer's open page: it follows what they are told by push.

use std::time::Duration;

use anyhow::Context;
use reqwest::Response;
use serde::Deserialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::sse::Events;
use crate::accounts::Account;

/// A stream that says nothing for so long is dead: it says that it lives more often than this.
const SILENCE: Duration = Duration::from_secs(60);

/// A push message as a page gets it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Push {
    /// What about, as `order_completed`.
    pub(super) template: String,
    pub(super) order_id: Uuid,
    pub(super) body: String,
}

/// Follows until it is dropped.
pub(super) struct Page {
    arrived: watch::Receiver<Vec<Push>>,
    _following: JoinSet<()>,
}

impl Page {
    /// Opens it at the notification service; what is pushed from then on arrives.
    pub(super) async fn open(address: &str, who: &Account) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().no_proxy().read_timeout(SILENCE).build()?;
        let asking = http.get(format!("http://{address}/events"));
        let answer = asking.bearer_auth(who.token().reveal()).send().await;
        let mut answer = answer.and_then(Response::error_for_status).context("GET /events")?;
        // The first bytes say that it is heard.
        answer.chunk().await?.context("GET /events ended before it began")?;
        let (news, arrived) = watch::channel(Vec::new());
        let mut following = JoinSet::new();
        following.spawn(async move {
            if let Err(error) = follow(answer, &news).await {
                eprintln!("a page was closed: {error:#}");
            }
        });
        Ok(Page { arrived, _following: following })
    }

    /// One where this has arrived, and nothing more will.
    #[cfg(test)]
    pub(super) fn with(arrived: Vec<Push>) -> Self {
        Page { arrived: watch::channel(arrived).1, _following: JoinSet::new() }
    }

    /// What has arrived, in order.
    pub(super) fn arrived(&self) -> Vec<Push> {
        self.arrived.borrow().clone()
    }

    /// Waits until so many have arrived, or none will any more.
    pub(super) async fn until(&mut self, messages: usize) {
        let _ = self.arrived.wait_for(|arrived| arrived.len() >= messages).await;
    }
}

async fn follow(mut answer: Response, news: &watch::Sender<Vec<Push>>) -> anyhow::Result<()> {
    let mut events = Events::default();
    while let Some(bytes) = answer.chunk().await? {
        for data in events.add(&bytes)? {
            let push = serde_json::from_str(&data).context("no push message")?;
            news.send_modify(|arrived| arrived.push(push));
        }
    }
    Ok(())
}
