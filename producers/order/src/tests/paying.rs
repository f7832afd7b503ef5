//! An order's saga with payment: paid, declined, given back, expired, and all of that crossing.

use std::time::Duration;

use shop_events::{
    CancelReason, DeclineReason, OrderCancelled, OrderCompleted, OrderRejected, OrderReserved,
    PaymentCaptured, PaymentDeclined, PaymentRefunded, RejectReason,
};
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::shop::{Shop, cart};
use crate::GROUP;

shop_testkit::on_every_database!(
    an_order_completes_when_it_is_paid_and_names_its_payment,
    an_order_that_is_declined_is_rejected_with_why,
    an_order_that_is_cancelled_after_payment_remembers_both,
    a_payment_that_crosses_the_end_of_its_order_changes_nothing_but_is_remembered,
    a_payment_of_another_amount_is_dead_lettered,
    the_method_of_a_cart_goes_to_payment_and_a_cards_number_nowhere,
    an_order_that_is_not_over_in_time_expires_once,
    what_is_over_or_has_time_does_not_expire,
    a_payment_that_lies_unread_past_the_deadline_counts,
    payment_and_expiry_at_once_end_an_order_once,
);

const PAYMENT: Uuid = Uuid::from_u128(77);

fn captured(order_id: Uuid, amount: i64) -> PaymentCaptured {
    PaymentCaptured {
        payment_id: PAYMENT,
        order_id,
        user_id: Uuid::from_u128(7),
        amount,
        currency: "EUR".into(),
        provider: "sandbox".into(),
        provider_ref: Some("pi_1".into()),
        captured_at: 1_700_000_000_000_000,
    }
}

fn declined(order_id: Uuid) -> PaymentDeclined {
    PaymentDeclined {
        payment_id: PAYMENT,
        order_id,
        user_id: Uuid::from_u128(7),
        amount: 500,
        currency: "EUR".into(),
        provider: "sandbox".into(),
        provider_ref: Some("pi_1".into()),
        reason: DeclineReason::InsufficientFunds,
        detail: Some("Your card has insufficient funds.".into()),
        declined_at: 1_700_000_000_000_000,
    }
}

fn refunded(order_id: Uuid) -> PaymentRefunded {
    PaymentRefunded {
        payment_id: PAYMENT,
        order_id,
        user_id: Uuid::from_u128(7),
        amount: 500,
        currency: "EUR".into(),
        provider: "sandbox".into(),
        provider_ref: Some("re_1".into()),
        detail: None,
        refunded_at: 1_700_000_000_000_000,
    }
}

async fn reserved(shop: &Shop, key: &str) -> Uuid {
    let order_id = shop.place(7, key).await;
    shop.reserve(order_id).await;
    order_id
}

async fn an_order_completes_when_it_is_paid_and_names_its_payment(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = reserved(&shop, "k1").await;
    assert_eq!(shop.state(order_id).await, "reserved");
    shop.tell(&captured(order_id, 500)).await;
    shop.tell(&captured(order_id, 500)).await; // another event of the same payment
    let story = shop.story(order_id, 3).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderCompleted"]);
    assert_eq!(shop.sent::<OrderCompleted>()[0].payment_id, Some(PAYMENT));
    let order = shop.get(&format!("/orders/{order_id}")).await.body;
    assert_eq!(
        (&order["payment"]["state"], &order["payment"]["amount"]),
        (&"captured".into(), &500.into())
    );
}

async fn an_order_that_is_declined_is_rejected_with_why(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = reserved(&shop, "k1").await;
    shop.tell(&declined(order_id)).await;
    let story = shop.story(order_id, 3).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderRejected"]);
    let rejected = shop.sent::<OrderRejected>().remove(0);
    assert_eq!(rejected.reason, RejectReason::PaymentDeclined);
    assert_eq!(rejected.detail.as_deref(), Some("Your card has insufficient funds."));
    let order = shop.get(&format!("/orders/{order_id}")).await.body;
    let why = "the payment was declined: Your card has insufficient funds.";
    assert_eq!(
        (&order["changes"][2]["detail"], &order["payment"]["state"]),
        (&why.into(), &"declined".into())
    );
    assert_eq!(shop.cancel(order_id).await, 409);
}

async fn an_order_that_is_cancelled_after_payment_remembers_both(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = reserved(&shop, "k1").await;
    shop.tell(&captured(order_id, 500)).await;
    assert_eq!(shop.cancel(order_id).await, 202);
    shop.tell(&refunded(order_id)).await;
    let story = shop.story(order_id, 4).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderCompleted", "OrderCancelled"]);
    let payment = shop.get(&format!("/orders/{order_id}")).await.body["payment"].clone();
    assert_eq!(payment["state"], "refunded");
    assert!(payment["captured_at"].is_string() && payment["refunded_at"].is_string());
}

async fn a_payment_that_crosses_the_end_of_its_order_changes_nothing_but_is_remembered(on: Kind) {
    let shop = Shop::open(on).await;
    for (key, late) in [("k1", true), ("k2", false)] {
        let order_id = reserved(&shop, key).await;
        assert_eq!(shop.cancel(order_id).await, 202);
        match late {
            true => shop.tell(&captured(order_id, 500)).await,
            false => shop.tell(&declined(order_id)).await,
        }
        assert_eq!(shop.state(order_id).await, "cancelled");
        let payment = shop.get(&format!("/orders/{order_id}")).await.body["payment"].clone();
        assert_eq!(payment["state"], if late { "captured" } else { "declined" });
        shop.tell(&refunded(order_id)).await;
        assert_eq!(shop.story(order_id, 3).await.len(), 3);
    }
    assert_eq!(shop.sent::<OrderCompleted>().len(), 0);
    assert_eq!(shop.log.broker().records("dead-letter.order").len(), 0);
}

async fn a_payment_of_another_amount_is_dead_lettered(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = reserved(&shop, "k1").await;
    shop.tell(&captured(order_id, 499)).await;
    let mut dollars = captured(order_id, 500);
    dollars.currency = "USD".into();
    shop.tell(&dollars).await;
    shop.tell(&captured(Uuid::from_u128(99), 500)).await;
    assert_eq!(shop.log.broker().records("dead-letter.order").len(), 3);
    assert_eq!(shop.state(order_id).await, "reserved");
}

async fn the_method_of_a_cart_goes_to_payment_and_a_cards_number_nowhere(on: Kind) {
    let shop = Shop::open(on).await;
    let mut paid = cart(1, "A1");
    paid.payment_method = Some("pm_card_visa".into());
    shop.tell(&paid).await;
    shop.reserve(shop_events::order_of_checkout(paid.checkout_id)).await;
    let mut card = cart(2, "A2");
    card.payment_method = Some("4242 4242 4242 4242".into());
    shop.tell(&card).await;
    shop.until(|| shop.sent::<OrderReserved>().len() == 1).await;
    let reserved = shop.sent::<OrderReserved>().remove(0);
    assert_eq!(reserved.payment_method.as_deref(), Some("pm_card_visa"));
    let letters = shop.log.broker().records("dead-letter.order");
    assert_eq!(letters.len(), 1);
    let headers = format!("{:?}", letters[0].record.headers);
    assert!(!headers.contains("4242"), "{headers}");
}

async fn an_order_that_is_not_over_in_time_expires_once(on: Kind) {
    let shop = Shop::open(on).await;
    let (placed, reserved) = (shop.place(7, "k1").await, reserved(&shop, "k2").await);
    // Two instances that look at the same moment.
    let (mut one, mut two) =
        (shop.expiry(Duration::from_secs(901)), shop.expiry(Duration::from_secs(901)));
    let (one, two) = tokio::join!(one.round(), two.round());
    // Who meets the other may have to look again.
    drop((one, two));
    shop.expiry(Duration::from_secs(901)).round().await.expect("looks");
    shop.flush().await;
    assert_eq!(shop.story(placed, 2).await, ["OrderPlaced", "OrderCancelled"]);
    let story = shop.story(reserved, 3).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderCancelled"]);
    for cancelled in shop.sent::<OrderCancelled>() {
        assert_eq!((cancelled.reason, cancelled.cancelled_by), (CancelReason::Expired, None));
    }
    assert_eq!(shop.sent::<OrderCancelled>().len(), 2);
    // The money comes after all: payment gives it back.
    shop.tell(&captured(reserved, 500)).await;
    assert_eq!(shop.state(reserved).await, "cancelled");
}

async fn what_is_over_or_has_time_does_not_expire(on: Kind) {
    let shop = Shop::open(on).await;
    let (paid, refused) = (reserved(&shop, "k1").await, shop.place(7, "k2").await);
    let (cancelled, open) = (shop.place(7, "k3").await, shop.place(7, "k4").await);
    shop.tell(&captured(paid, 500)).await;
    shop.refuse(refused).await;
    shop.cancel(cancelled).await;
    // Nobody had to run meanwhile: the time counts from when it was accepted.
    shop.expiry(Duration::from_secs(600)).round().await.expect("looks");
    assert_eq!(shop.state(open).await, "placed");
    shop.expiry(Duration::from_secs(901)).round().await.expect("looks");
    for (order_id, state) in
        [(paid, "completed"), (refused, "rejected"), (cancelled, "cancelled"), (open, "cancelled")]
    {
        assert_eq!(shop.state(order_id).await, state);
    }
    shop.flush().await;
    let expired = shop.sent::<OrderCancelled>();
    let expired = expired.iter().filter(|c| c.reason == CancelReason::Expired).count();
    assert_eq!(expired, 1);
}

async fn a_payment_that_lies_unread_past_the_deadline_counts(on: Kind) {
    let shop = Shop::open(on).await;
    let (paid, open) = (reserved(&shop, "k1").await, reserved(&shop, "k2").await);
    shop.stop_reading().await;
    shop.send(&captured(paid, 500)).await;
    // The service was away for long, and looks before it has read on.
    let mut expiry = shop.expiry(Duration::from_secs(3_600));
    for _ in 0..3 {
        expiry.round().await.expect("looks");
    }
    assert_eq!(
        (shop.state(paid).await, shop.state(open).await),
        ("reserved".into(), "reserved".into())
    );
    shop.read_on();
    shop.story(paid, 3).await;
    shop.until(|| shop.log.broker().lag(GROUP, "payments") == 0).await;
    expiry.round().await.expect("looks");
    assert_eq!(
        (shop.state(paid).await, shop.state(open).await),
        ("completed".into(), "cancelled".into())
    );
}

async fn payment_and_expiry_at_once_end_an_order_once(on: Kind) {
    let shop = Shop::open(on).await;
    for i in 0..10 {
        let order_id = reserved(&shop, &format!("k{i}")).await;
        let (mut expiry, paid) = (shop.expiry(Duration::from_secs(901)), captured(order_id, 500));
        let (expired, ()) = tokio::join!(expiry.round(), shop.tell(&paid));
        drop(expired);
        shop.expiry(Duration::from_secs(901)).round().await.expect("looks");
        shop.flush().await;
        let story = shop.story(order_id, 3).await;
        assert!(story.len() == 3 && story[1] == "OrderReserved", "{story:?}");
        assert!(["OrderCompleted", "OrderCancelled"].contains(&&*story[2]), "{story:?}");
    }
    assert_eq!(shop.log.broker().records("dead-letter.order").len(), 0);
}
