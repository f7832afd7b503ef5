//! Orders whose time is up: cancelled as EXPIRED, once, whichever instance sees it first.
//!
//! The time counts from when an order was accepted, which the database says, and not in a process: it
//! goes on while nobody runs. What was answered in time counts, read or not: an order expires once the
//! group has heard all that stood on its topics at the order's deadline or later. Two instances that see the same order write the same row, and the second
//! one finds that it has ended.

use std::time::Duration;

use futures::FutureExt;
use pipeline::transport::Transport;
use pipeline::{Cause, Failure, Horizon, Store, Tx};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::changes::Changes;
use crate::domain::Input;
use crate::store::orders::{self, Overdue};

/// How late an order may be noticed, besides what there is to do.
const EVERY: Duration = Duration::from_secs(1);
/// Orders that are looked for at once.
const MOST: i64 = 200;

/// Cancels orders that are not over so long after they were accepted.
pub(crate) struct Expiry<T> {
    store: Store,
    horizon: Horizon<T>,
    changes: Changes,
    after_micros: i64,
}

impl<T: Transport> Expiry<T> {
    /// `horizon`: of the group that hears the answers, on the topics that they come by.
    pub(crate) fn new(
        store: Store,
        horizon: Horizon<T>,
        changes: Changes,
        after: Duration,
    ) -> Self {
        let after_micros = i64::try_from(after.as_micros()).unwrap_or(i64::MAX);
        Expiry { store, horizon, changes, after_micros }
    }

    /// Until told to stop.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut failing = false;
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = stop.cancelled() => return,
            }
            match self.round().await {
                Ok(()) => failing = false,
                Err(failure) if !std::mem::replace(&mut failing, true) => {
                    tracing::warn!(
                        failure.reason = failure.reason(),
                        "orders whose time is up could not be cancelled; it is tried again"
                    );
                }
                Err(_) => {}
            }
        }
    }

    /// Cancels all whose time is up now.
    pub(crate) async fn round(&mut self) -> Result<(), Failure> {
        let now = self.store.now_micros();
        // Asking the broker is worth it only where there is something to cancel.
        let before = now.saturating_sub(self.after_micros);
        if orders::overdue(self.store.reader(), before, 1).await?.is_empty() {
            return Ok(());
        }
        let heard =
            self.horizon.reach(now).await.map_err(|error| Failure::retry(error.to_string()))?;
        let Some(heard) = heard else { return Ok(()) };
        let before = heard.saturating_sub(self.after_micros);
        loop {
            let overdue = orders::overdue(self.store.reader(), before, MOST).await?;
            let (found, mut failed) = (overdue.len(), None);
            for order in overdue {
                // One that fails must not keep the others from their end.
                match self.cancel(&order).await {
                    Ok(()) => self.changes.hint(order.order_id),
                    Err(failure) => failed = Some(failure),
                }
            }
            match failed {
                Some(failure) => return Err(failure),
                None if found < usize::try_from(MOST).unwrap_or(usize::MAX) => return Ok(()),
                None => {}
            }
        }
    }

    async fn cancel(&self, order: &Overdue) -> Result<(), Failure> {
        let correlation = Some(order.correlation.clone());
        let cause = Cause { correlation, ..Cause::default() };
        let order_id = order.order_id;
        self.store.write(cause, |tx| expire(tx, order_id).boxed()).await
    }
}

async fn expire(tx: &mut Tx, order_id: Uuid) -> Result<(), Failure> {
    let Some(mut order) = orders::find(tx.conn(), order_id).await? else { return Ok(()) };
    // It was paid or cancelled since, or another instance was here first.
    let Some(state) = order.state.on(Input::Expire) else { return Ok(()) };
    let now = tx.now_micros();
    orders::advance(tx.conn(), &mut order, state, Some("not completed in time"), now).await?;
    tx.emit(&order.expired(now))?;
    tracing::info!(order.id = %order_id, "expired");
    Ok(())
}
