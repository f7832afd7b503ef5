//! Says inside this process that an order may have changed, so that who follows it looks sooner.
//!
//! A hint, not a message: it comes before the commit, may be for nothing, and does not come at all
//! from another instance. Who follows reads the database, hint or not.

use tokio::sync::broadcast;
use uuid::Uuid;

/// Hints that may wait; a follower that misses some takes that as a hint.
const WAITING: usize = 256;

#[derive(Clone)]
pub(crate) struct Changes(broadcast::Sender<Uuid>);

impl Default for Changes {
    fn default() -> Self {
        Changes(broadcast::Sender::new(WAITING))
    }
}

impl Changes {
    pub(crate) fn hint(&self, order_id: Uuid) {
        let _ = self.0.send(order_id);
    }

    pub(crate) fn of(&self, order_id: Uuid) -> Hints {
        Hints { order_id, hints: self.0.subscribe() }
    }
}

/// The hints of one order.
pub(crate) struct Hints {
    order_id: Uuid,
    hints: broadcast::Receiver<Uuid>,
}

impl Hints {
    pub(crate) async fn next(&mut self) {
        loop {
            match self.hints.recv().await {
                Ok(id) if id != self.order_id => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
