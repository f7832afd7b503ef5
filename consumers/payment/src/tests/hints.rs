//! What a webhook says while somebody is at the same payment.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use pipeline::{Cause, Clock};
use shop_events::PaymentRefunded;
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::made::AT;
use super::model::{Bank, Fault, Line};
use super::running::{Payments, options};
use crate::cashier::{Cashier, Order};
use crate::domain::State;
use crate::ledger;
use crate::metrics::Metrics;
use crate::provider::Provider;

shop_testkit::on_every_database!(
    what_is_said_while_a_payment_is_changed_is_heard,
    what_is_said_while_a_round_looks_is_heard,
);

const ORDER: Order<'static> =
    Order { order_id: Uuid::from_u128(1), user_id: Uuid::nil(), total: 500, currency: "EUR" };

async fn hint(payments: &Payments, intent: &str) {
    let heard: Result<bool, sqlx::Error> = payments
        .store
        .write(Cause::default(), |tx| {
            async move {
                let now = tx.now_micros();
                ledger::hint(tx.conn(), intent, now).await
            }
            .boxed()
        })
        .await;
    assert!(heard.expect("writes"), "{intent} is known");
}

/// A payment that is known, its bank, and one who stands still with the answer to this request in hand.
async fn standing_still(on: Kind, request: usize) -> (Payments, Arc<Bank>, Arc<Line>, Cashier) {
    let bank = Arc::new(Bank::default());
    let settings = options(&[]);
    let own = Line::new(&bank, None);
    let payments = Payments::with(on, Clock::manual(AT), own, &settings).await;
    let line = Line::new(&bank, Some((request, Fault::StopsAfter)));
    let metrics = Metrics::new(&mut Default::default());
    let one = Cashier::new(payments.store.clone(), line.clone(), metrics, &settings);
    (payments, bank, line, one)
}

async fn state(payments: &Payments) -> State {
    payments.cashier.find(ORDER.order_id).await.expect("is there").state
}

async fn what_is_said_while_a_payment_is_changed_is_heard(on: Kind) {
    // The second request has it charged.
    let (payments, bank, line, one) = standing_still(on, 1).await;
    let charge =
        async move { one.charge(ORDER, Some("pm_card_visa"), AT, &Cause::default()).await };
    let charge = tokio::spawn(charge);
    line.happened.cancelled().await;
    let intent = bank.of(ORDER.order_id)[0].intent.id.clone();
    // It is charged; before that is written down somebody gives it back by hand.
    let by_hand = Line::new(&bank, None);
    by_hand.refund(ORDER.order_id, &intent).await.expect("is given back");
    hint(&payments, &intent).await;
    line.go_on.cancel();
    charge.await.expect("no panic").expect("is charged");
    assert_eq!(state(&payments).await, State::Captured);
    payments.cashier.make_a_round().await.expect("is made");
    assert_eq!(state(&payments).await, State::Refunded);
    payments.flush().await;
    assert_eq!(payments.told::<PaymentRefunded>().len(), 1);
    assert_eq!(ledger::unsettled(payments.store.reader()).await.expect("reads").0, 0);
}

async fn what_is_said_while_a_round_looks_is_heard(on: Kind) {
    // The first request asks what was given back, which is nothing yet.
    let (payments, bank, line, one) = standing_still(on, 0).await;
    let cause = Cause::default();
    payments.cashier.charge(ORDER, Some("pm_card_visa"), AT, &cause).await.expect("is charged");
    let intent = bank.of(ORDER.order_id)[0].intent.id.clone();
    hint(&payments, &intent).await;
    let round = tokio::spawn(async move { one.make_a_round().await });
    line.happened.cancelled().await;
    Line::new(&bank, None).refund(ORDER.order_id, &intent).await.expect("is given back");
    payments.clock.advance(Duration::from_secs(1));
    hint(&payments, &intent).await;
    line.go_on.cancel();
    round.await.expect("no panic").expect("is made");
    assert_eq!(state(&payments).await, State::Captured);
    payments.cashier.make_a_round().await.expect("is made");
    assert_eq!(state(&payments).await, State::Refunded);
    assert_eq!(ledger::unsettled(payments.store.reader()).await.expect("reads").0, 0);
}
