//! Charges that were interrupted: a round begins none of them, and nobody goes on with one when its
//! order's time is over.

use std::sync::Arc;
use std::time::Duration;

use pipeline::{Cause, Clock, Failure};
use shop_events::{PaymentCaptured, PaymentDeclined, PaymentRefunded};
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::made::AT;
use super::model::{Bank, Fault, Line};
use super::running::{Payments, options};
use crate::cashier::{Cashier, Order};
use crate::domain::State;
use crate::metrics::Metrics;

shop_testkit::on_every_database!(
    a_round_begins_no_charge,
    a_round_declines_what_was_interrupted_when_the_orders_time_is_over,
    the_orders_record_that_comes_again_too_late_is_declined,
    what_was_cancelled_while_nobody_was_here_is_not_charged_first,
);

const ORDER: Order<'static> =
    Order { order_id: Uuid::from_u128(1), user_id: Uuid::nil(), total: 500, currency: "EUR" };

async fn charge(cashier: &Cashier) -> Result<(), Failure> {
    cashier.charge(ORDER, Some("pm_card_visa"), AT, &Cause::default()).await
}

struct Interrupted {
    payments: Payments,
    bank: Arc<Bank>,
}

impl Interrupted {
    /// At this request: the first makes the payment known, the second has it charged.
    async fn at(request: usize, on: Kind) -> Self {
        let bank = Arc::new(Bank::default());
        let settings = options(&[]);
        let line = Line::new(&bank, None);
        let payments = Payments::with(on, Clock::manual(AT), line, &settings).await;
        let line = Line::new(&bank, Some((request, Fault::LostBefore)));
        let metrics = Metrics::new(&mut Default::default());
        let one = Cashier::new(payments.store.clone(), line, metrics, &settings);
        charge(&one).await.expect_err("is interrupted");
        Interrupted { payments, bank }
    }

    async fn round_after(&self, seconds: u64) {
        self.payments.clock.advance(Duration::from_secs(seconds));
        self.payments.cashier.make_a_round().await.expect("is made");
    }

    /// How the ledger has it, and how often it was charged.
    async fn stands(&self) -> (State, u32) {
        let payment = self.payments.cashier.find(ORDER.order_id).await.expect("is there");
        let charges = self.bank.of(ORDER.order_id).iter().map(|kept| kept.charges).sum();
        (payment.state, charges)
    }

    /// Events: captured, declined, refunded.
    async fn told(&self) -> (usize, usize, usize) {
        self.payments.flush().await;
        let captured = self.payments.told::<PaymentCaptured>().len();
        let declined = self.payments.told::<PaymentDeclined>().len();
        (captured, declined, self.payments.told::<PaymentRefunded>().len())
    }
}

async fn a_round_begins_no_charge(on: Kind) {
    for (request, state) in [(0, State::Open), (1, State::Asked)] {
        let world = Interrupted::at(request, on).await;
        world.round_after(61).await;
        assert_eq!(world.stands().await, (state, 0));
        charge(&world.payments.cashier).await.expect("its own record has it charged");
        assert_eq!(world.stands().await, (State::Captured, 1));
    }
}

async fn a_round_declines_what_was_interrupted_when_the_orders_time_is_over(on: Kind) {
    for request in [0, 1] {
        let world = Interrupted::at(request, on).await;
        world.round_after(899).await;
        assert_eq!(world.told().await, (0, 0, 0));
        world.round_after(3_600).await;
        assert_eq!(world.stands().await, (State::Declined, 0), "{request}");
        assert_eq!(world.told().await, (0, 1, 0), "{request}");
        let declined = world.payments.told::<PaymentDeclined>();
        assert_eq!(declined[0].detail.as_deref(), Some("it could not be charged in time"));
    }
}

async fn the_orders_record_that_comes_again_too_late_is_declined(on: Kind) {
    for (request, seconds) in [(0, 901), (1, 901), (0, 100_000), (1, 100_000)] {
        let world = Interrupted::at(request, on).await;
        world.payments.clock.advance(Duration::from_secs(seconds));
        charge(&world.payments.cashier).await.expect("is handled");
        assert_eq!(world.stands().await, (State::Declined, 0), "{request}");
        assert_eq!(world.told().await, (0, 1, 0), "{request}");
    }
}

async fn what_was_cancelled_while_nobody_was_here_is_not_charged_first(on: Kind) {
    for (request, seconds, told) in [(0, 600, 0), (1, 600, 0), (0, 3_600, 1), (1, 3_600, 1)] {
        let world = Interrupted::at(request, on).await;
        // The rounds are quicker than the order's records.
        world.round_after(seconds).await;
        let cashier = &world.payments.cashier;
        cashier.give_back(ORDER, &Cause::default()).await.expect("is handled");
        assert_eq!(world.stands().await.1, 0, "{request} after {seconds} s");
        assert_eq!(world.told().await, (0, told, 0), "{request} after {seconds} s");
    }
}
