use shop_events::{
    CartCheckedOut, NotificationChannel, NotificationFailed, NotificationFailure, NotificationSent,
    OrderPlaced, OrderRejected, RejectReason,
};
use uuid::Uuid;

use super::shop::{Shop, cart};
use shop_testkit::database::Kind;
use shop_testkit::log;

shop_testkit::on_every_database!(
    a_checkout_becomes_one_order_however_often_it_is_sent,
    a_channels_order_keeps_its_own_prices,
    another_order_under_the_same_checkout_is_not_lost_silently,
    an_order_that_costs_nothing_is_an_order_like_any_other,
    a_cart_that_cannot_be_an_order_is_dead_lettered_with_its_reason,
    an_order_without_stock_is_rejected_with_what_was_short,
    an_answer_that_crosses_a_cancellation_changes_nothing,
    what_the_customer_was_told_is_shown_with_the_order,
    a_second_answer_changes_nothing,
    an_answer_for_a_strangers_order_is_dead_lettered,
    an_older_state_of_a_product_does_not_undo_a_newer_one,
);

fn order_of(cart: &CartCheckedOut) -> Uuid {
    Uuid::new_v5(&cart.checkout_id, b"order")
}

fn dead(shop: &Shop) -> Vec<String> {
    log::dead(&shop.log, "order")
}

async fn a_checkout_becomes_one_order_however_often_it_is_sent(on: Kind) {
    let shop = Shop::open(on).await;
    let cart = cart(1, "A1");
    let record = shop.record(&cart);
    shop.tell_record(record.clone()).await;
    shop.tell_record(record).await; // the same event
    shop.tell(&cart).await; // another event of the same checkout
    let mut other_checkout = cart.clone();
    other_checkout.checkout_id = Uuid::from_u128(2);
    shop.tell(&other_checkout).await; // the same reference of the same channel
    shop.story(order_of(&cart), 1).await;
    assert_eq!(shop.sent::<OrderPlaced>().len(), 1);
    assert_eq!(dead(&shop), Vec::<String>::new());
}

async fn a_channels_order_keeps_its_own_prices(on: Kind) {
    let shop = Shop::open(on).await;
    shop.tell(&cart(1, "A1")).await;
    shop.story(order_of(&cart(1, "A1")), 1).await;
    let placed = shop.sent::<OrderPlaced>().remove(0);
    assert_eq!((placed.total, placed.channel.as_str()), (100, "fair"));
    assert_eq!(placed.order_ref.as_deref(), Some("A1"));
}

async fn another_order_under_the_same_checkout_is_not_lost_silently(on: Kind) {
    let shop = Shop::open(on).await;
    shop.tell(&cart(1, "A1")).await;
    let mut other = cart(1, "A2");
    other.lines[0].quantity = 4;
    shop.tell(&other).await;
    assert!(dead(&shop)[0].contains("has placed order"), "{:?}", dead(&shop));
}

async fn an_order_that_costs_nothing_is_an_order_like_any_other(on: Kind) {
    let shop = Shop::open(on).await;
    let mut free = cart(1, "A1");
    free.lines[0].line_total = 0;
    free.total = 0;
    shop.tell(&free).await;
    shop.reserve(order_of(&free)).await;
    let story = shop.story(order_of(&free), 3).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderCompleted"]);
}

async fn a_cart_that_cannot_be_an_order_is_dead_lettered_with_its_reason(on: Kind) {
    let shop = Shop::open(on).await;
    type Spoil = fn(&mut CartCheckedOut);
    let spoils: [(&str, Spoil); 9] = [
        ("1 to 1000 lines", |c| c.lines.clear()),
        ("lines[0].quantity", |c| c.lines[0].quantity = 0),
        ("negative", |c| c.lines[0].line_total = -1),
        ("negative", |c| c.lines[0].unit_price = Some(-1)),
        ("the total says", |c| c.total = 99),
        ("currency", |c| c.currency = "euro".into()),
        ("email", |c| c.email = Some("a@b.de\r\nBcc: c@d.de".into())),
        ("checked_out_at", |c| c.checked_out_at = i64::MAX),
        ("more than can be counted", |c| {
            c.lines.push(c.lines[0].clone());
            c.lines[0].line_total = i64::MAX;
        }),
    ];
    for (i, (reason, spoil)) in spoils.iter().enumerate() {
        let mut bad = cart(100 + i as u128, &format!("B{i}"));
        spoil(&mut bad);
        shop.tell(&bad).await;
        let last = dead(&shop);
        assert_eq!(last.len(), i + 1);
        assert!(last.iter().any(|why| why.contains(reason)), "{reason}: {last:?}");
    }
    let good = cart(1, "A1");
    shop.tell(&good).await;
    assert_eq!(shop.story(order_of(&good), 1).await, ["OrderPlaced"]);
}

async fn an_order_without_stock_is_rejected_with_what_was_short(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    shop.refuse(order_id).await;
    assert_eq!(shop.story(order_id, 2).await, ["OrderPlaced", "OrderRejected"]);
    let rejected = shop.sent::<OrderRejected>().remove(0);
    assert_eq!(rejected.reason, RejectReason::OutOfStock);
    assert_eq!(rejected.shortages[0].available, 1);
    let order = shop.get(&format!("/orders/{order_id}")).await.body;
    assert_eq!(order["changes"][1]["detail"], "out of stock: TEA (wanted 2, there were 1)");
}

async fn an_answer_that_crosses_a_cancellation_changes_nothing(on: Kind) {
    let shop = Shop::open(on).await;
    let (reserved, refused) = (shop.place(7, "k1").await, shop.place(7, "k2").await);
    for order_id in [reserved, refused] {
        assert_eq!(shop.cancel(order_id).await, 202);
    }
    shop.reserve(reserved).await;
    shop.refuse(refused).await;
    let last = shop.place(7, "k3").await;
    shop.story(last, 1).await;
    for order_id in [reserved, refused] {
        assert_eq!(shop.story(order_id, 2).await, ["OrderPlaced", "OrderCancelled"]);
        assert_eq!(shop.state(order_id).await, "cancelled");
    }
    assert_eq!(dead(&shop), Vec::<String>::new());
}

async fn what_the_customer_was_told_is_shown_with_the_order(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    let sent = NotificationSent {
        notification_id: Uuid::from_u128(1),
        order_id,
        user_id: Uuid::from_u128(7),
        channel: NotificationChannel::Email,
        template: "order_completed".into(),
        recipient: "a***@example.com".into(),
        message_id: None,
        sent_at: 1_700_000_000_000_000,
    };
    let failed = NotificationFailed {
        notification_id: Uuid::from_u128(2),
        order_id,
        user_id: Uuid::from_u128(7),
        channel: NotificationChannel::Push,
        template: "order_completed".into(),
        recipient: None,
        message_id: None,
        reason: NotificationFailure::Refused,
        detail: None,
        failed_at: 1_700_000_001_000_000,
    };
    shop.tell(&sent).await;
    shop.tell(&sent).await; // another event of the same message
    shop.tell(&failed).await;
    // One of a stranger's order is nobody's fault here.
    shop.tell(&NotificationSent { order_id: Uuid::from_u128(9), ..sent }).await;
    let told = shop.get(&format!("/orders/{order_id}")).await.body["notifications"].clone();
    let told: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["channel"].as_str().unwrap(),
                one["outcome"].as_str().unwrap(),
                one["reason"].as_str(),
            )
        })
        .collect();
    assert_eq!(told, [("email", "sent", None), ("push", "failed", Some("refused"))]);
    assert_eq!(dead(&shop), Vec::<String>::new());
}

async fn a_second_answer_changes_nothing(on: Kind) {
    let shop = Shop::open(on).await;
    let order_id = shop.place(7, "k1").await;
    shop.reserve(order_id).await;
    shop.reserve(order_id).await;
    shop.refuse(order_id).await;
    shop.pay(order_id).await;
    assert_eq!(shop.state(order_id).await, "completed");
    assert_eq!(shop.cancel(order_id).await, 202);
    let story = shop.story(order_id, 4).await;
    assert_eq!(story, ["OrderPlaced", "OrderReserved", "OrderCompleted", "OrderCancelled"]);
}

async fn an_answer_for_a_strangers_order_is_dead_lettered(on: Kind) {
    let shop = Shop::open(on).await;
    shop.reserve(Uuid::from_u128(99)).await;
    assert!(dead(&shop)[0].contains("there is no order"));
}

async fn an_older_state_of_a_product_does_not_undo_a_newer_one(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", 300, true, 5).await;
    shop.list("TEA", 200, false, 4).await;
    shop.place(7, "k1").await;
    shop.until(|| !shop.sent::<OrderPlaced>().is_empty()).await;
    assert_eq!(shop.sent::<OrderPlaced>()[0].total, 600);
}
