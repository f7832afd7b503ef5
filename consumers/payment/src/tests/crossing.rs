//! Cancellation against capture: whoever is interrupted, stands still or comes late, at whatever
//! point, the order is charged once at most and whatever was charged of a cancelled one is given back.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use pipeline::{Cause, Clock, Failure, Store};
use shop_events::{PaymentCaptured, PaymentRefunded};
use shop_testkit::database::Kind;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::made::AT;
use super::model::{Bank, FAULTS, Fault, Line};
use super::running::{Payments, options};
use crate::cashier::{Cashier, Order};
use crate::domain::State;
use crate::metrics::Metrics;
use crate::provider::Provider;

shop_testkit::on_every_database!(
    whatever_befalls_a_charge_the_order_is_charged_once,
    whatever_befalls_a_charge_and_a_cancellation_no_money_is_kept,
    a_payment_that_is_dropped_at_any_moment_is_taken_up_again,
    all_at_once_is_as_one_after_the_other,
);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Charge,
    GiveBack,
}
use Act::{Charge, GiveBack};

type Befallen = (Act, Option<(usize, Fault)>);

struct World {
    payments: Payments,
    bank: Arc<Bank>,
    orders: u128,
}

async fn perform(cashier: &Cashier, act: Act, order_id: Uuid) -> Result<(), Failure> {
    let order = Order { order_id, user_id: Uuid::nil(), total: 500, currency: "EUR" };
    match act {
        Charge => cashier.charge(order, Some("pm_card_visa"), i64::MAX, &Cause::default()).await,
        GiveBack => cashier.give_back(order, &Cause::default()).await,
    }
}

fn instance(store: Store, line: &Arc<Line>) -> Cashier {
    let metrics = Metrics::new(&mut Default::default());
    let provider: Arc<dyn Provider> = line.clone();
    Cashier::new(store, provider, metrics, &options(&[]))
}

impl World {
    async fn open(on: Kind) -> Self {
        let bank = Arc::new(Bank::default());
        let line = Line::new(&bank, None);
        let payments = Payments::with(on, Clock::manual(AT), line, &options(&[])).await;
        World { payments, bank, orders: 0 }
    }

    fn new_order(&mut self) -> Uuid {
        self.orders += 1;
        Uuid::from_u128(self.orders)
    }

    /// Another instance on the same database.
    fn instance(&self, line: &Arc<Line>) -> Cashier {
        instance(self.payments.store.clone(), line)
    }

    /// As the engine does: again until it is done.
    async fn insist(&self, act: Act, order_id: Uuid) {
        for _ in 0..50 {
            match perform(&self.payments.cashier, act, order_id).await {
                Ok(()) => return,
                Err(Failure::Reject(why)) => panic!("{act:?}: {why}"),
                Err(_) => tokio::task::yield_now().await,
            }
        }
        panic!("{act:?} is never done");
    }

    /// Each act in turn; who is befallen by something is an instance of its own, which is not heard
    /// of again, or goes on when all others are done. False where nothing befell some act.
    async fn play(&mut self, acts: &[Befallen]) -> bool {
        let order_id = self.new_order();
        let mut still: Vec<(Arc<Line>, JoinHandle<_>)> = Vec::new();
        let mut all_happened = true;
        for (act, fault) in acts.iter().copied() {
            if fault.is_none() {
                self.insist(act, order_id).await;
                continue;
            }
            let line = Line::new(&self.bank, fault);
            let cashier = self.instance(&line);
            let mut task = tokio::spawn(async move { perform(&cashier, act, order_id).await });
            tokio::select! {
                _ = &mut task => {}
                () = line.happened.cancelled() => {
                    if matches!(fault, Some((_, Fault::StopsBefore | Fault::StopsAfter))) {
                        still.push((line, task));
                    } else {
                        let _ = task.await;
                    }
                    continue;
                }
            }
            all_happened &= line.happened.is_cancelled();
        }
        for (line, task) in still {
            line.go_on.cancel();
            let _ = task.await;
        }
        let cancelled = acts.iter().any(|(act, _)| *act == GiveBack);
        self.adds_up(order_id, cancelled, &format!("{acts:?}")).await;
        all_happened
    }

    /// After some rounds.
    async fn adds_up(&self, order_id: Uuid, cancelled: bool, what: &str) {
        for _ in 0..3 {
            self.payments.clock.advance(Duration::from_secs(4 * 3_600));
            self.payments.cashier.make_a_round().await.expect("is made");
        }
        let kept = self.bank.of(order_id);
        let charges: u32 = kept.iter().map(|k| k.charges).sum();
        let back: i64 = kept.iter().flat_map(|k| &k.refunds).map(|r| r.amount).sum();
        let state = self.payments.cashier.find(order_id).await.expect("is there").state;
        if cancelled {
            assert!(charges <= 1, "{what}: charged {charges} times");
            assert_eq!(back, i64::from(charges) * 500, "{what}: given back");
            let end = if charges == 1 { State::Refunded } else { State::Void };
            assert_eq!(state, end, "{what}");
        } else {
            assert_eq!((charges, back, state), (1, 0, State::Captured), "{what}");
        }
        self.payments.flush().await;
        self.payments.settled().await;
        let captured = self.payments.told::<PaymentCaptured>();
        let captured = captured.iter().filter(|told| told.order_id == order_id).count();
        let refunded = self.payments.told::<PaymentRefunded>();
        let refunded = refunded.iter().filter(|told| told.order_id == order_id).count();
        let expected = (charges as usize, if cancelled { charges as usize } else { 0 });
        assert_eq!((captured, refunded), expected, "{what}: told");
    }
}

/// Every fault at every request of the act.
fn befallen(act: Act) -> impl Iterator<Item = Befallen> {
    (0..6).flat_map(move |at| FAULTS.map(|fault| (act, Some((at, fault)))))
}

async fn whatever_befalls_a_charge_the_order_is_charged_once(on: Kind) {
    let mut world = World::open(on).await;
    let mut happened = 0;
    for first in befallen(Charge) {
        happened += u32::from(world.play(&[first, (Charge, None)]).await);
        for second in befallen(Charge).take(12) {
            world.play(&[first, second, (Charge, None)]).await;
        }
    }
    assert!(happened >= 8, "two requests make a charge, each with four faults: {happened}");
}

async fn whatever_befalls_a_charge_and_a_cancellation_no_money_is_kept(on: Kind) {
    let mut world = World::open(on).await;
    let mut happened = 0;
    for first in befallen(Charge).take(16) {
        for then in [
            &[(GiveBack, None)][..],
            &[(Charge, None), (GiveBack, None)],
            &[(GiveBack, None), (Charge, None)],
        ] {
            happened += u32::from(world.play(&[&[first], then].concat()).await);
        }
        for second in befallen(GiveBack).take(12) {
            world.play(&[first, second, (GiveBack, None)]).await;
        }
    }
    for second in befallen(GiveBack).take(16) {
        happened += u32::from(world.play(&[(Charge, None), second, (GiveBack, None)]).await);
        world.play(&[(Charge, None), second, (Charge, None), (GiveBack, None)]).await;
    }
    assert!(happened >= 30, "{happened}");
}

/// As when the process dies: polls so often, and then never again. False where it was done by then.
async fn drop_after<T>(polls: u32, future: impl Future<Output = T>) -> bool {
    let (mut future, mut left) = (pin!(future), polls);
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(true);
        }
        left -= 1;
        future.as_mut().poll(cx).map(|_| false)
    })
    .await
}

async fn a_payment_that_is_dropped_at_any_moment_is_taken_up_again(on: Kind) {
    let mut world = World::open(on).await;
    let (mut dropped, mut polls) = (true, 0);
    while dropped {
        polls += 1;
        assert!(polls < 2_000, "it never ends");
        dropped = false;
        for acts in [&[Charge][..], &[Charge, GiveBack], &[GiveBack]] {
            let order_id = world.new_order();
            if acts == [GiveBack] {
                world.insist(Charge, order_id).await;
            }
            for act in acts {
                // Its connections end with it, as those of a process do.
                let store = world.payments.another_store().await;
                let cashier = instance(store, &Line::new(&world.bank, None));
                dropped |= drop_after(polls, perform(&cashier, *act, order_id)).await;
                drop(cashier);
                world.insist(*act, order_id).await;
            }
            let cancelled = acts.contains(&GiveBack);
            world.adds_up(order_id, cancelled, &format!("{acts:?} after {polls} polls")).await;
        }
    }
    assert!(polls > 3, "{polls}");
}

async fn all_at_once_is_as_one_after_the_other(on: Kind) {
    let mut world = World::open(on).await;
    for _ in 0..40 {
        let order_id = world.new_order();
        let acts = [Charge, GiveBack, Charge, GiveBack].map(|act| {
            let cashier = world.instance(&Line::new(&world.bank, None));
            tokio::spawn(async move { perform(&cashier, act, order_id).await })
        });
        for act in acts {
            let _ = act.await;
        }
        world.insist(GiveBack, order_id).await;
        world.adds_up(order_id, true, "all at once").await;
    }
}
