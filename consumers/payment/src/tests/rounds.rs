//! What takes its time, and what comes by itself.

use std::time::Duration;

use prometheus_client::registry::Registry;
use shop_events::{PaymentCaptured, PaymentDeclined, PaymentRefunded};
use shop_testkit::database::Kind;
use shop_testkit::wait;

use super::made::{cancelled, reserved};
use super::running::{InSandbox, SOON, options};
use crate::cashier::Cashier;
use crate::metrics::Metrics;

shop_testkit::on_every_database!(
    a_payment_that_is_processed_holds_nobody_up_and_is_told_when_it_is_decided,
    a_payment_that_is_processed_while_its_order_is_cancelled_is_given_back,
    a_refund_that_is_pending_is_told_when_it_is_done,
    a_refund_that_fails_asks_for_somebody,
    what_could_not_be_given_back_is_counted_until_somebody_has,
    what_is_settled_is_not_looked_at_again,
    two_who_make_their_rounds_at_once_tell_once,
);

const MINUTE: Duration = Duration::from_secs(60);

async fn unsettled(world: &InSandbox) -> i64 {
    let waiting = crate::ledger::unsettled(world.payments.store.reader()).await;
    waiting.expect("reads").0
}

async fn in_books(world: &InSandbox, what: &str, amount: i64) {
    let found = async || world.books.read()[what] == amount;
    wait::until(SOON, found).await.expect("comes into the books");
}

async fn round(world: &InSandbox) {
    world.payments.clock.advance(MINUTE);
    world.payments.cashier.make_a_round().await.expect("is made");
    world.payments.settled().await;
}

async fn a_payment_that_is_processed_holds_nobody_up_and_is_told_when_it_is_decided(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.publish(&reserved(2, "pm_sandbox_processing_declined")).await;
    world.payments.settled().await;
    assert_eq!(world.payments.memory.broker().records("payments").len(), 0);
    world.payments.cashier.make_a_round().await.expect("is made");
    assert_eq!(unsettled(&world).await, 2, "nobody looked before it was due");
    world.payments.clock.advance(MINUTE);
    in_books(&world, "taken", 1177).await;
    round(&world).await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 1);
    assert_eq!(world.payments.told::<PaymentDeclined>().len(), 1);
    assert_eq!(unsettled(&world).await, 0);
}

async fn a_payment_that_is_processed_while_its_order_is_cancelled_is_given_back(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.publish(&cancelled(1)).await;
    world.payments.settled().await;
    world.payments.clock.advance(MINUTE);
    in_books(&world, "taken", 1177).await;
    round(&world).await;
    assert_eq!(world.books_of(1), (1, 1177, 1177));
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 1);
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 1);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_refund_that_is_pending_is_told_when_it_is_done(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_card_pendingRefund")).await;
    world.payments.publish(&cancelled(1)).await;
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 0);
    assert_eq!(unsettled(&world).await, 1);
    world.payments.clock.advance(MINUTE);
    in_books(&world, "given_back", 1177).await;
    round(&world).await;
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 1);
    assert_eq!((unsettled(&world).await, world.books_of(1)), (0, (1, 1177, 1177)));
}

async fn a_refund_that_fails_asks_for_somebody(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_card_refundFail")).await;
    world.payments.publish(&cancelled(1)).await;
    world.payments.settled().await;
    let failed = async || {
        world.payments.clock.advance(MINUTE);
        world.payments.cashier.make_a_round().await.expect("is made");
        world.payments.metric("payment_settled_total{outcome=\"refund_failed\"}") == 1.0
    };
    wait::until(SOON, failed).await.expect("is seen");
    assert_eq!(unsettled(&world).await, 0, "it is for a person now");
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 0);
}

async fn what_could_not_be_given_back_is_counted_until_somebody_has(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_card_refundFail")).await;
    world.payments.publish(&cancelled(1)).await;
    world.payments.settled().await;
    let payments = &world.payments;
    // As after a restart: nobody remembers that it has failed.
    let mut registry = Registry::default();
    let provider = payments.cashier.0.provider.clone();
    let metrics = Metrics::new(&mut registry);
    let later = Cashier::new(payments.store.clone(), provider, metrics, &options(&[]));
    let counted = async || {
        later.measure().await.expect("counts");
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &registry).expect("text");
        let found = text.lines().find_map(|l| l.strip_prefix("payment_refunds_failed "));
        found.map(str::to_owned)
    };
    assert_eq!(counted().await.as_deref(), Some("0"));
    let failed = async || {
        payments.clock.advance(MINUTE);
        payments.cashier.make_a_round().await.expect("is made");
        counted().await.as_deref() == Some("1")
    };
    wait::until(SOON, failed).await.expect("is counted");
    let by_hand = sqlx::query("UPDATE payments SET state = 'refunded', version = version + 1")
        .execute(payments.store.reader())
        .await;
    by_hand.expect("as docs/metrics.md says");
    assert_eq!(counted().await.as_deref(), Some("0"));
}

async fn what_is_settled_is_not_looked_at_again(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_card_visa")).await;
    world.payments.publish(&reserved(2, "pm_card_visa_chargeDeclined")).await;
    world.payments.publish(&cancelled(2)).await;
    world.payments.publish(&cancelled(3)).await;
    world.payments.settled().await;
    assert_eq!(unsettled(&world).await, 0);
}

async fn two_who_make_their_rounds_at_once_tell_once(on: Kind) {
    let world = InSandbox::start(on).await;
    for order in 1..=10 {
        world.payments.publish(&reserved(order, "pm_sandbox_processing")).await;
    }
    world.payments.settled().await;
    world.payments.clock.advance(MINUTE);
    in_books(&world, "taken", 10 * 1177).await;
    world.payments.clock.advance(MINUTE);
    let (one, two) =
        tokio::join!(world.payments.cashier.make_a_round(), world.payments.cashier.make_a_round());
    one.and(two).expect("are made");
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 10);
}
