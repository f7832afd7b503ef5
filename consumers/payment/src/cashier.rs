//! Takes payments as far as they go: asks the provider, writes what it says into the ledger, and
//! tells the shop, with each change in one transaction with what is told of it.
//!
//! Whoever comes to a payment, at whatever moment another was interrupted or still is at it, goes on
//! from what the ledger and the provider say. Several at once do no harm: a change of the ledger that
//! crosses another is made again from what is there by then, and the provider charges a payment that
//! is confirmed twice once, never one that is cancelled, and never gives back more than it took.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use pipeline::{Cause, Failure, Store};
use shop_events::DeclineReason;
use tokio::sync::Notify;
use uuid::Uuid;

use crate::domain::{Decline, Heard, Learned, Payment, State, Step};
use crate::ledger;
use crate::metrics::Metrics;
use crate::provider::Provider;
use crate::settings::ProviderSettings;

mod ask;
mod order;
mod tell;

pub(crate) use order::Order;

/// Changes of one payment in a run: more than there can be without somebody changing it meanwhile.
const STEPS: usize = 12;

/// After so many times as long as an order may be charged nobody waits for an answer any more.
const LONG_OVER: i64 = 4;

#[derive(Clone)]
pub(crate) struct Cashier(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) provider: Arc<dyn Provider>,
    pub(crate) metrics: Metrics,
    /// Charged where an order names none.
    method: Option<String>,
    /// Microseconds after which a reserved order is not charged any more.
    charge_within: i64,
    /// Microseconds until what is not settled is looked at again.
    pub(crate) look_after: i64,
    pub(crate) hinted: Notify,
    /// Orders of long ago have been passed over, and the log knows.
    passed_over: AtomicBool,
}

impl Cashier {
    pub(crate) fn new(
        store: Store,
        provider: Arc<dyn Provider>,
        metrics: Metrics,
        settings: &ProviderSettings,
    ) -> Self {
        Cashier(Arc::new(Inner {
            store,
            provider,
            metrics,
            method: settings.default_method(),
            charge_within: settings.charge_within(),
            look_after: settings.look_after(),
            hinted: Notify::new(),
            passed_over: AtomicBool::new(false),
        }))
    }

    /// Charges an order, once. What costs nothing is not charged: it completes by itself. What was
    /// reserved too long ago is not charged either, unless it was confirmed in time: its order has
    /// expired, or will.
    pub(crate) async fn charge(
        &self,
        order: Order<'_>,
        method: Option<&str>,
        reserved_at: i64,
        cause: &Cause,
    ) -> Result<(), Failure> {
        if order.total == 0 {
            return Ok(());
        }
        if order.total < 0 {
            return Err(Failure::reject("the order's total is negative"));
        }
        if self.is_history(order.order_id, reserved_at).await? {
            return Ok(());
        }
        let method = method.map(str::to_owned).or_else(|| self.0.method.clone());
        let mut payment = self.payment_of(order, cause);
        payment.method = method.filter(|m| shop_events::payment_method_problem(m).is_none());
        payment.reserved_at = Some(reserved_at);
        if payment.method.is_none() {
            let words = "the order names no way to pay";
            payment.decline = Some(Decline::new(DeclineReason::InvalidMethod, words));
            payment.state = State::Declined;
        }
        self.open(&payment, cause).await?;
        let heard = Heard { may_charge: true, ..Heard::default() };
        self.settle(order.order_id, cause, heard).await.map(drop)
    }

    /// Whether the order was reserved long ago and the ledger does not know it: the topic is read from
    /// the beginning, by a service that is new to the shop or has lost its ledger. What became of the
    /// order is for others to know; it may have been paid, so that a decline would be a lie.
    async fn is_history(&self, order_id: Uuid, reserved_at: i64) -> Result<bool, Failure> {
        let age = self.0.store.now_micros().saturating_sub(reserved_at);
        if age <= self.0.charge_within.saturating_mul(LONG_OVER) {
            return Ok(false);
        }
        let mut conn = self.0.store.reader().acquire().await?;
        if ledger::find(&mut conn, order_id).await?.is_some() {
            return Ok(false);
        }
        if self.0.passed_over.swap(true, Ordering::Relaxed) {
            tracing::debug!(order.id = %order_id, "passed over");
        } else {
            tracing::warn!(order.id = %order_id, "this order was reserved long ago and is not in the ledger: it is passed over, neither charged nor declined, and so is every other of that kind");
        }
        Ok(true)
    }

    /// Gives back whatever was or will be charged for an order that has ended without it. Also where
    /// nothing is known of the order yet: it is written down that it must not be charged.
    pub(crate) async fn give_back(&self, order: Order<'_>, cause: &Cause) -> Result<(), Failure> {
        if order.total <= 0 {
            return Ok(());
        }
        let closed = self.payment_of(order, cause);
        let closed = Payment { state: State::Void, give_back: true, ..closed };
        let closed = &closed;
        let written: Result<(), Failure> = self
            .0
            .store
            .write(cause.clone(), |tx| {
                async move {
                    let now = tx.now_micros();
                    let look_at = now.saturating_add(self.0.look_after);
                    if !ledger::give_back(tx.conn(), order.order_id, now, look_at).await? {
                        ledger::open(tx.conn(), closed, now, None).await?;
                    }
                    Ok(())
                }
                .boxed()
            })
            .await;
        written?;
        self.settle(order.order_id, cause, Heard::default()).await.map(drop)
    }

    fn payment_of(&self, order: Order<'_>, cause: &Cause) -> Payment {
        Payment {
            order_id: order.order_id,
            // The same however often the order is charged.
            payment_id: Uuid::new_v5(&order.order_id, b"payment"),
            user_id: order.user_id,
            amount: order.total,
            currency: order.currency.to_owned(),
            method: None,
            provider: self.0.provider.name().to_owned(),
            state: State::Open,
            give_back: false,
            intent: None,
            refund: None,
            refunded_at: None,
            decline: None,
            correlation: cause.correlation.clone().unwrap_or_default(),
            version: 1,
            reserved_at: None,
        }
    }

    /// Writes that an order is to be charged, or will not be, unless that or its end is written already.
    async fn open(&self, payment: &Payment, cause: &Cause) -> Result<(), Failure> {
        self.0
            .store
            .write(cause.clone(), |tx| {
                async move {
                    let now = tx.now_micros();
                    let look_at = (payment.state == State::Open).then(|| now + self.0.look_after);
                    let opened = ledger::open(tx.conn(), payment, now, look_at).await?;
                    if opened && payment.state == State::Declined {
                        tx.emit(&tell::declined(payment, now))?;
                        self.0.metrics.settled("declined");
                    }
                    Ok(())
                }
                .boxed()
            })
            .await
    }

    /// Takes a payment as far as it goes now.
    pub(crate) async fn settle(
        &self,
        order_id: Uuid,
        cause: &Cause,
        mut heard: Heard,
    ) -> Result<Payment, Failure> {
        for _ in 0..STEPS {
            let payment = self.find(order_id).await?;
            if payment.is_late(self.0.store.now_micros(), self.0.charge_within) {
                heard.against.get_or_insert_with(ask::too_late);
            }
            let Some(step) = payment.step(&heard) else { return Ok(payment) };
            let asks = !matches!(step, Step::Close | Step::Decline);
            if payment.provider != self.0.provider.name() && asks {
                return Err(Failure::reject(format!(
                    "{} has this payment, and {} is the provider now",
                    payment.provider,
                    self.0.provider.name()
                )));
            }
            let news = self.ask(&payment, step, &mut heard).await?;
            let now = self.0.store.now_micros();
            let learned = payment.learn(&news, heard.against.as_ref(), now).map_err(|error| {
                tracing::error!(order.id = %order_id, %error, "this payment is not touched");
                Failure::reject(error)
            })?;
            if let Some(learned) = learned
                && !self.keep(&payment, learned, cause).await?
            {
                // Somebody else has changed it: what was heard may be of what it is no more.
                heard = Heard { intent: None, refunds: None, ..heard };
            }
        }
        Err(Failure::retry("the payment changes all the time"))
    }

    pub(crate) async fn find(&self, order_id: Uuid) -> Result<Payment, Failure> {
        let mut conn = self.0.store.reader().acquire().await?;
        let payment = ledger::find(&mut conn, order_id).await?;
        payment.ok_or_else(|| Failure::reject(format!("there is no payment for order {order_id}")))
    }

    /// Writes what was learnt, with what is told of it. False where somebody else has changed the
    /// payment meanwhile.
    async fn keep(
        &self,
        before: &Payment,
        learned: Learned,
        cause: &Cause,
    ) -> Result<bool, Failure> {
        let Learned { payment, told } = &learned;
        let kept: bool = self
            .0
            .store
            .write(cause.clone(), |tx| {
                async move {
                    let now = tx.now_micros();
                    let look_at = (!payment.is_settled()).then(|| now + self.0.look_after);
                    if !ledger::save(tx.conn(), payment, now, look_at).await? {
                        return Ok::<_, Failure>(false);
                    }
                    if let Some(told) = told {
                        tell::tell(tx, payment, *told, now)?;
                    }
                    Ok(true)
                }
                .boxed()
            })
            .await?;
        if kept {
            tell::log(before, payment);
            if before.state != payment.state && payment.state.is_worth_counting() {
                self.0.metrics.settled(payment.state.name());
            }
        }
        Ok(kept)
    }
}
