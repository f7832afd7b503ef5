//! The open pages of users. Says inside this process that a user may have a new message, so that their
//! pages look sooner.
//!
//! A hint, not a message: none comes from another instance. A page reads the database, hint or not.

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use shop_service::auth::Caller;
use shop_service::http::{OpenStream, Problem, Streams};
use tokio::sync::broadcast;
use uuid::Uuid;

/// Hints that may wait; a page that misses some takes that as a hint.
const WAITING: usize = 256;

#[derive(Clone)]
pub(crate) struct Pages {
    hints: broadcast::Sender<Uuid>,
    streams: Streams,
    open: Gauge,
}

impl Default for Pages {
    fn default() -> Self {
        Pages {
            hints: broadcast::Sender::new(WAITING),
            streams: Streams::default(),
            open: Gauge::default(),
        }
    }
}

impl Pages {
    /// Adds its metric.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register("push_pages", "Pages that follow a user's messages", self.open.clone());
    }

    pub(crate) fn hint(&self, user_id: Uuid) {
        let _ = self.hints.send(user_id);
    }

    /// A page of this user, unless too many are open.
    pub(crate) fn open(&self, caller: &Caller, now_micros: i64) -> Result<Page, Problem> {
        let stream = self.streams.open(caller, now_micros)?;
        self.open.inc();
        let (hints, open) = (self.hints.subscribe(), self.open.clone());
        Ok(Page { user_id: caller.user_id, hints, open, stream })
    }
}

/// A page that is open until it is dropped.
pub(crate) struct Page {
    user_id: Uuid,
    hints: broadcast::Receiver<Uuid>,
    open: Gauge,
    stream: OpenStream,
}

impl Page {
    /// Waits until there may be a message. False: the token it was opened with has ended.
    pub(crate) async fn hint(&mut self) -> bool {
        loop {
            let hint = tokio::select! {
                hint = self.hints.recv() => hint,
                () = self.stream.ended() => return false,
            };
            match hint {
                Ok(id) if id != self.user_id => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return true,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.open.dec();
    }
}
