//! Orders that are paid, declined and cancelled, with the sandbox over HTTP.

use std::time::Duration;

use shop_events::{DeclineReason, PaymentCaptured, PaymentDeclined, PaymentRefunded};
use shop_testkit::database::Kind;
use shop_testkit::wait;
use uuid::Uuid;

use super::made::{cancelled, rejected, reserved};
use super::running::{InSandbox, SOON, sandbox};
use crate::provider::Charge;

shop_testkit::on_every_database!(
    a_reserved_order_is_charged_once_however_often_it_comes,
    what_costs_nothing_is_not_charged,
    a_currency_that_the_provider_counts_otherwise_is_charged_as_much_as_the_order_costs,
    a_declined_card_is_told_with_its_reason,
    a_method_that_was_used_before_is_declined_whenever_the_provider_finds_out,
    an_order_without_a_way_to_pay_takes_what_the_shop_takes_or_is_declined,
    what_was_charged_is_given_back_once_when_the_order_is_cancelled,
    an_order_that_ended_before_it_was_charged_never_is,
    an_order_that_was_reserved_long_ago_is_not_charged_any_more,
    an_order_of_long_ago_that_the_ledger_does_not_know_is_passed_over,
    a_lost_answer_is_asked_for_and_the_order_charged_once,
    a_provider_that_is_away_holds_the_orders_and_loses_none,
    a_twentieth_of_all_answers_lost_changes_no_end,
    a_method_that_looks_like_a_card_is_not_written_down,
    an_amount_that_is_not_ours_is_nobodys_payment,
);

async fn a_reserved_order_is_charged_once_however_often_it_comes(on: Kind) {
    let world = InSandbox::start(on).await;
    let payments = &world.payments;
    let first = payments.record(&reserved(1, "pm_card_visa"));
    payments.send(first.clone()).await;
    payments.send(first).await; // the same event
    payments.publish(&reserved(1, "pm_card_visa")).await; // another event of the same order
    payments.settled().await;
    let told = payments.told::<PaymentCaptured>();
    assert_eq!(told.len(), 1);
    let captured = &told[0];
    assert_eq!((captured.amount, captured.currency.as_str()), (1177, "EUR"));
    assert_eq!(captured.provider, "sandbox");
    assert_eq!(captured.payment_id, Uuid::new_v5(&Uuid::from_u128(1), b"payment"));
    let reference = captured.provider_ref.as_deref().unwrap_or_default();
    assert_eq!(world.books.read()["payments"][0]["payment_intent"], reference);
    assert_eq!(world.books_of(1), (1, 1177, 0));
    assert_eq!(payments.dead_letters(), Vec::<String>::new());
    assert_eq!(payments.metric("payment_settled_total{outcome=\"captured\"}"), 1.0);
}

async fn what_costs_nothing_is_not_charged(on: Kind) {
    let world = InSandbox::start(on).await;
    let mut free = reserved(1, "pm_card_visa");
    (free.total, free.lines[0].line_total) = (0, 0);
    world.payments.publish(&free).await;
    let mut ended = cancelled(1);
    ended.total = 0;
    world.payments.publish(&ended).await;
    world.payments.settled().await;
    assert_eq!(world.payments.memory.broker().records("payments").len(), 0);
    assert_eq!(world.books.read()["payments"].as_array().map(Vec::len), Some(0));
}

async fn a_currency_that_the_provider_counts_otherwise_is_charged_as_much_as_the_order_costs(
    on: Kind,
) {
    let world = InSandbox::start(on).await;
    for (order, total, currency) in [(1, 117_700, "MGA"), (2, 1_177, "MGA"), (3, 1_177, "IQD")] {
        let mut reserved = reserved(order, "pm_card_visa");
        (reserved.total, reserved.currency) = (total, currency.into());
        world.payments.publish(&reserved).await;
    }
    world.payments.settled().await;
    let captured = world.payments.told::<PaymentCaptured>();
    assert_eq!(captured.iter().map(|c| c.amount).collect::<Vec<_>>(), [117_700]);
    assert_eq!(world.books_of(1), (1, 1_177, 0), "1,177 ariary, which have no cents there");
    assert_eq!(world.payments.told::<PaymentDeclined>().len(), 2);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_declined_card_is_told_with_its_reason(on: Kind) {
    let world = InSandbox::start(on).await;
    for (order, method, reason) in [
        (1, "pm_card_visa_chargeDeclined", DeclineReason::Other),
        (2, "pm_card_visa_chargeDeclinedInsufficientFunds", DeclineReason::InsufficientFunds),
        (3, "pm_card_chargeDeclinedExpiredCard", DeclineReason::InvalidMethod),
        (4, "pm_card_radarBlock", DeclineReason::SuspectedFraud),
        (5, "pm_of_nobody", DeclineReason::InvalidMethod),
        (6, "pm_card_authenticationRequired", DeclineReason::InvalidMethod),
    ] {
        world.payments.publish(&reserved(order, method)).await;
        world.payments.settled().await;
        let told = world.payments.told::<PaymentDeclined>();
        let declined = told.iter().find(|d| d.order_id == Uuid::from_u128(order));
        let declined = declined.unwrap_or_else(|| panic!("{method} is told"));
        assert_eq!(declined.reason, reason, "{method}");
        assert!(declined.detail.is_some(), "{method}");
        // The order is rejected then, and there is nothing to give back.
        world.payments.publish(&rejected(order)).await;
    }
    world.payments.settled().await;
    assert_eq!(world.books.read()["taken"], 0);
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 0);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_method_that_was_used_before_is_declined_whenever_the_provider_finds_out(on: Kind) {
    let once = payment_sandbox::Settings { single_use: true, ..sandbox() };
    let world = InSandbox::with(on, once, &[]).await;
    // The first two are known before either is charged, so that the second is refused only then.
    for order in [1, 2] {
        let (order_id, method) = (Uuid::from_u128(order), "pm_card_visa");
        let charge = Charge { order_id, amount: 1177, currency: "EUR", method };
        world.payments.cashier.0.provider.make(charge).await.expect("is made");
    }
    for order in [1, 2, 3] {
        world.payments.publish(&reserved(order, "pm_card_visa")).await;
        world.payments.settled().await;
    }
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 1);
    let declined = world.payments.told::<PaymentDeclined>();
    assert_eq!(declined.len(), 2);
    assert!(declined.iter().all(|d| d.reason == DeclineReason::InvalidMethod), "{declined:?}");
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
    let books = world.books.read();
    assert_eq!(books["taken"], 1177);
    let second = Uuid::from_u128(2).to_string();
    let mut payments = books["payments"].as_array().expect("a list").iter();
    let second = payments.find(|payment| payment["order_id"] == second).expect("was made");
    assert_eq!(second["status"], "canceled", "before the decline was told");
}

async fn an_order_without_a_way_to_pay_takes_what_the_shop_takes_or_is_declined(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "")).await;
    world.payments.settled().await;
    assert_eq!(world.books_of(1), (1, 1177, 0));

    let other = ["--payment-method", "pm_card_visa_chargeDeclined"];
    let declining = InSandbox::with(on, sandbox(), &other).await;
    declining.payments.publish(&reserved(1, "")).await;
    declining.payments.settled().await;
    assert_eq!(declining.payments.told::<PaymentDeclined>().len(), 1);
}

async fn what_was_charged_is_given_back_once_when_the_order_is_cancelled(on: Kind) {
    let world = InSandbox::start(on).await;
    for order in [1, 2] {
        world.payments.publish(&reserved(order, "pm_card_visa")).await;
    }
    let end = world.payments.record(&cancelled(1));
    world.payments.send(end.clone()).await;
    world.payments.send(end).await;
    world.payments.publish(&cancelled(1)).await;
    world.payments.publish(&rejected(2)).await;
    world.payments.settled().await;
    let refunded = world.payments.told::<PaymentRefunded>();
    assert_eq!(refunded.len(), 2);
    assert!(refunded.iter().all(|r| r.amount == 1177 && r.provider_ref.is_some()));
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 2);
    assert_eq!((world.books_of(1), world.books_of(2)), ((1, 1177, 1177), (1, 1177, 1177)));
}

async fn an_order_that_ended_before_it_was_charged_never_is(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&cancelled(1)).await;
    // As after a dead letter that is sent back.
    world.payments.publish(&reserved(1, "pm_card_visa")).await;
    world.payments.settled().await;
    assert_eq!(world.payments.memory.broker().records("payments").len(), 0);
    assert_eq!(world.books_of(1), (0, 0, 0));
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn an_order_that_was_reserved_long_ago_is_not_charged_any_more(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.settled().await;
    // As when the service was away for as long, or a dead letter is sent back.
    world.payments.clock.advance(Duration::from_secs(901));
    world.payments.publish(&reserved(2, "pm_card_visa")).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.settled().await;
    let declined = world.payments.told::<PaymentDeclined>();
    assert_eq!(declined.len(), 1, "what was begun in time is not declined: {declined:?}");
    assert_eq!((declined[0].order_id, world.books_of(2)), (Uuid::from_u128(2), (0, 0, 0)));
}

async fn an_order_of_long_ago_that_the_ledger_does_not_know_is_passed_over(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_card_visa")).await;
    world.payments.settled().await;
    // As when the service starts in a shop that is there already, or without its database.
    world.payments.clock.advance(Duration::from_secs(4 * 900 + 1));
    for order in [1, 2, 3] {
        world.payments.publish(&reserved(order, "pm_card_visa")).await;
    }
    world.payments.publish(&reserved(4, "")).await;
    world.payments.publish(&cancelled(3)).await;
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 1, "that of the first, once");
    assert_eq!(world.payments.memory.broker().records("payments").len(), 1);
    assert_eq!(world.books.read()["taken"], 1177);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_lost_answer_is_asked_for_and_the_order_charged_once(on: Kind) {
    let world = InSandbox::with(on, sandbox(), &["--stripe-seconds", "5"]).await;
    for (order, method) in
        [(1, "pm_sandbox_lost"), (2, "pm_sandbox_slow"), (3, "pm_sandbox_timeout")]
    {
        world.payments.publish(&reserved(order, method)).await;
    }
    world.payments.settled().await;
    for order in 1..=3 {
        assert_eq!(world.books_of(order), (1, 1177, 0), "order {order}");
    }
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 3);
    let in_doubt = "pipeline_effects_in_doubt_total{group=\"payment\"}";
    assert!(world.payments.metric(in_doubt) >= 2.0);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_provider_that_is_away_holds_the_orders_and_loses_none(on: Kind) {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = payment_sandbox::Settings { ledger: Some(folder.path().join("books")), ..sandbox() };
    let mut world = InSandbox::with(on, kept, &[]).await;
    world.payments.publish(&reserved(1, "pm_card_visa")).await;
    world.payments.settled().await;
    world.away().await;
    for order in 2..=20 {
        world.payments.publish(&reserved(order, "pm_card_visa")).await;
    }
    world.payments.publish(&cancelled(1)).await;
    let why = world.payments.stopped().await;
    assert!(why.contains("payment provider"), "{why}");
    world.back().await;
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 20);
    assert_eq!(world.books.read()["taken"], 20 * 1177);
    assert_eq!(world.books_of(1), (1, 1177, 1177));
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_twentieth_of_all_answers_lost_changes_no_end(on: Kind) {
    let lossy = payment_sandbox::Settings { lose_answers: 0.05, seed: Some(7), ..sandbox() };
    let world = InSandbox::with(on, lossy, &[]).await;
    for order in 1..=120 {
        let method = if order % 3 == 0 { "pm_card_visa_chargeDeclined" } else { "pm_card_visa" };
        world.payments.publish(&reserved(order, method)).await;
        if order % 4 == 0 {
            world.payments.publish(&cancelled(order)).await;
        }
    }
    world.payments.settled().await;
    for order in 1..=120 {
        let (charges, taken, back) = world.books_of(order);
        let expected = match (order % 3, order % 4) {
            (0, _) => (0, 0, 0),
            (_, 0) => (1, 1177, 1177),
            _ => (1, 1177, 0),
        };
        assert_eq!((charges, taken, back), expected, "order {order}");
    }
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 80);
    assert_eq!(world.payments.told::<PaymentDeclined>().len(), 40);
    assert_eq!(world.payments.told::<PaymentRefunded>().len(), 20);
    assert_eq!(world.payments.dead_letters(), Vec::<String>::new());
}

async fn a_method_that_looks_like_a_card_is_not_written_down(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "4242 4242 4242 4242")).await;
    world.payments.settled().await;
    let declined = world.payments.told::<PaymentDeclined>();
    assert_eq!(declined[0].reason, DeclineReason::InvalidMethod);
    assert!(!format!("{declined:?}").contains("4242"));
    let found: (i64,) = sqlx::query_as("SELECT COUNT(*) FROM payments WHERE method IS NOT NULL")
        .fetch_one(world.payments.store.reader())
        .await
        .expect("reads");
    assert_eq!(found.0, 0);
}

async fn an_amount_that_is_not_ours_is_nobodys_payment(on: Kind) {
    let world = InSandbox::start(on).await;
    world.payments.publish(&reserved(1, "pm_sandbox_processing")).await;
    world.payments.settled().await;
    let changed = sqlx::query("UPDATE payments SET amount = 1")
        .execute(world.payments.store.reader())
        .await
        .expect("writes");
    assert_eq!(changed.rows_affected(), 1);
    world.payments.clock.advance(Duration::from_secs(3_600));
    let taken = async || world.books.read()["taken"] == 1177;
    wait::until(SOON, taken).await.expect("is processed");
    world.payments.cashier.make_a_round().await.expect("is made");
    world.payments.settled().await;
    assert_eq!(world.payments.told::<PaymentCaptured>().len(), 0);
}
