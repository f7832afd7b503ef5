//! The open pages of users. Says inside this process that a user may have a new message, so that their
//! pages look sooner.
//!
//! A hint, not a message: none comes from another instance. A page reads the database, hint or not.

use std::sync::Arc;

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast};
use uuid::Uuid;

/// Hints that may wait; a page that misses some takes that as a hint.
const WAITING: usize = 256;
/// Pages that are open at once.
const MOST: usize = 1_000;

#[derive(Clone)]
pub(crate) struct Pages {
    hints: broadcast::Sender<Uuid>,
    places: Arc<Semaphore>,
    open: Gauge,
}

impl Default for Pages {
    fn default() -> Self {
        Pages {
            hints: broadcast::Sender::new(WAITING),
            places: Arc::new(Semaphore::new(MOST)),
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
    pub(crate) fn open(&self, user_id: Uuid) -> Option<Page> {
        let place = self.places.clone().try_acquire_owned().ok()?;
        self.open.inc();
        Some(Page {
            user_id,
            hints: self.hints.subscribe(),
            open: self.open.clone(),
            _place: place,
        })
    }
}

/// A page that is open until it is dropped.
pub(crate) struct Page {
    user_id: Uuid,
    hints: broadcast::Receiver<Uuid>,
    open: Gauge,
    _place: OwnedSemaphorePermit,
}

impl Page {
    /// Waits until there may be a message.
    pub(crate) async fn hint(&mut self) {
        loop {
            match self.hints.recv().await {
                Ok(id) if id != self.user_id => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
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
