//! The rounds: payments that are not settled are looked at again, those that a webhook speaks of at
//! once. A record of an order does not wait for what takes hours; this does. No charge begins here, since
//! the order's end may be the next of its records: what was begun is finished, or cancelled when the
//! order's time is over.

use std::time::Duration;

use futures::{FutureExt, StreamExt, stream};
use pipeline::{Cause, Failure};
use tokio_util::sync::CancellationToken;

use crate::cashier::Cashier;
use crate::domain::Heard;
use crate::ledger::{self, Due};

/// Without a hint; another instance gives none.
const EVERY: Duration = Duration::from_secs(1);
/// Payments of one round, and how many of them at once.
const MOST: i64 = 200;
const AT_ONCE: usize = 8;
/// The longest wait between two looks at one payment, in microseconds.
const LONGEST: i64 = 3_600_000_000;
/// How long a webhook's event may come again: Stripe tries for three days.
const EVENTS: i64 = 10 * 24 * 3_600_000_000;
const FORGET_EVERY: i64 = 3_600_000_000;

impl Cashier {
    /// Until told to stop.
    pub(crate) async fn make_rounds(&self, stop: CancellationToken) {
        let mut every = tokio::time::interval(EVERY);
        every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let (mut failing, mut forgotten) = (false, 0);
        loop {
            tokio::select! {
                _ = every.tick() => {}
                () = self.0.hinted.notified() => {}
                () = stop.cancelled() => return,
            }
            let round = async {
                self.make_a_round().await?;
                let now = self.0.store.now_micros();
                if now - forgotten >= FORGET_EVERY {
                    forgotten = now;
                    self.forget_events(now - EVENTS).await?;
                }
                self.measure().await
            };
            match round.await {
                Ok(()) => failing = false,
                Err(error) if !std::mem::replace(&mut failing, true) => {
                    tracing::warn!(%error, "payments that are not settled could not be looked at; it is tried again");
                }
                Err(_) => {}
            }
        }
    }

    /// Looks at what is due, once each.
    pub(crate) async fn make_a_round(&self) -> Result<(), sqlx::Error> {
        let due = ledger::due(self.0.store.reader(), self.0.store.now_micros(), MOST).await?;
        let mut looks = stream::iter(due).map(|due| self.look_again(due)).buffer_unordered(AT_ONCE);
        while let Some(looked) = looks.next().await {
            looked?;
        }
        Ok(())
    }

    async fn look_again(&self, due: Due) -> Result<(), sqlx::Error> {
        let wait = self.0.look_after.saturating_mul(1 << due.looks.clamp(0, 20)).min(LONGEST);
        let next = self.0.store.now_micros().saturating_add(wait);
        let due = &due;
        let claimed: Result<bool, sqlx::Error> = self
            .0
            .store
            .write(Cause::default(), |tx| {
                async move { ledger::claim(tx.conn(), due, next).await }.boxed()
            })
            .await;
        if !claimed? {
            return Ok(());
        }
        let correlation = Some(due.correlation.clone()).filter(|id| !id.is_empty());
        let cause = Cause { correlation, ..Cause::default() };
        let heard = Heard { hinted: true, ..Heard::default() };
        match self.settle(due.order_id, &cause, heard).await {
            Ok(payment) => {
                let settled = payment.is_settled();
                self.0
                    .store
                    .write(Cause::default(), |tx| {
                        async move {
                            ledger::looked_at(tx.conn(), due.order_id, next, settled).await
                        }
                        .boxed()
                    })
                    .await
            }
            Err(failure) => {
                let reason = match &failure {
                    Failure::Unavailable(_) => return Ok(()),
                    failure => failure.reason(),
                };
                tracing::warn!(order.id = %due.order_id, failure.reason = reason, "this payment is not settled; it is looked at again");
                Ok(())
            }
        }
    }

    async fn forget_events(&self, before: i64) -> Result<(), sqlx::Error> {
        self.0
            .store
            .write(Cause::default(), |tx| {
                async move { ledger::forget_events(tx.conn(), before).await }.boxed()
            })
            .await
    }

    /// Counts in the ledger, so that what somebody has to see to is seen as long as it is so.
    pub(crate) async fn measure(&self) -> Result<(), sqlx::Error> {
        let (count, oldest) = ledger::unsettled(self.0.store.reader()).await?;
        let age = oldest.map_or(0, |at| self.0.store.now_micros() - at);
        self.0.metrics.unsettled(count, age);
        self.0.metrics.refunds_failed(ledger::refunds_failed(self.0.store.reader()).await?);
        Ok(())
    }
}
