use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::{
    CancelReason, NotificationChannel, NotificationFailed, NotificationFailure, NotificationSent,
    OrderCancelled, OrderCompleted, OrderLine, OrderPlaced, OrderRejected, OrderReserved,
    RejectReason,
};
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::world::{NOW, World};

shop_testkit::on_every_database!(
    an_order_is_shown_as_last_heard_of,
    what_one_was_told_is_shown_with_what_became_of_it,
    a_list_holds_each_once_the_latest_first,
    staff_look_up_anybodys_and_customers_their_own,
    orders_of_strangers_are_neither_kept_nor_dead_letters,
);

fn order(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn at(number: u128) -> i64 {
    NOW + i64::try_from(number).unwrap() * 1_000_000
}

fn line() -> OrderLine {
    OrderLine {
        product_id: "TEA".into(),
        name: Some("Tea".into()),
        quantity: 2,
        unit_price: Some(250),
        line_total: 500,
    }
}

macro_rules! order_event {
    ($event:ident, $number:expr, $user:expr, $($rest:tt)*) => {
        $event {
            order_id: order($number),
            user_id: $user,
            channel: "web".into(),
            order_ref: None,
            email: Some("ada@example.com".into()),
            name: Some("Ada".into()),
            lines: vec![line()],
            total: 500,
            currency: "EUR".into(),
            placed_at: at($number),
            $($rest)*
        }
    };
}

pub(super) fn placed(number: u128, user: Uuid) -> OrderPlaced {
    order_event!(OrderPlaced, number, user, checkout_id: None, cart_id: None)
}

pub(super) fn completed(number: u128, user: Uuid) -> OrderCompleted {
    order_event!(OrderCompleted, number, user, payment_id: None, completed_at: at(number) + 2)
}

pub(super) fn sent(number: u128, user: Uuid, about: u128) -> NotificationSent {
    NotificationSent {
        notification_id: Uuid::from_u128(number),
        order_id: order(about),
        user_id: user,
        channel: NotificationChannel::Email,
        template: "order_completed".into(),
        recipient: "a***@example.com".into(),
        message_id: Some("1@orderline.example".into()),
        sent_at: at(number),
    }
}

async fn an_order_is_shown_as_last_heard_of(on: Kind) {
    let world = World::open(on).await;
    let (user, session) = world.customer("ada@example.com").await;
    for number in 1..=3 {
        world.tell(&placed(number, user)).await;
        let reserved = order_event!(OrderReserved, number, user, payment_method: None, reserved_at: at(number) + 1);
        world.tell(&reserved).await;
    }
    world.tell(&completed(1, user)).await;
    let (reason, detail) = (RejectReason::PaymentDeclined, Some("declined".to_owned()));
    let (shortages, rejected_at) = (Vec::new(), at(2) + 2);
    world.tell(&order_event!(OrderRejected, 2, user, reason, detail, shortages, rejected_at)).await;
    let (reason, detail) = (CancelReason::Customer, Some("not any more".to_owned()));
    let (cancelled_by, cancelled_at) = (Some(user), at(3) + 2);
    world
        .tell(&order_event!(OrderCancelled, 3, user, reason, detail, cancelled_by, cancelled_at))
        .await;

    let orders = world.get("/users/me/orders", &session).await.body["orders"].clone();
    let shown: Vec<(&Value, &Value)> =
        orders.as_array().unwrap().iter().map(|o| (&o["state"], &o["detail"])).collect();
    let states = [json!("cancelled"), json!("rejected"), json!("completed")];
    let details = [json!("not any more"), json!("declined"), Value::Null];
    assert_eq!(shown, states.iter().zip(&details).collect::<Vec<_>>());
    assert_eq!(orders[2]["lines"][0]["sku"], "TEA");
    assert_eq!((&orders[2]["total"], &orders[2]["currency"]), (&json!(500), &json!("EUR")));
    assert!(!orders.to_string().contains("ada@example.com"), "what is not needed is not kept");
}

async fn what_one_was_told_is_shown_with_what_became_of_it(on: Kind) {
    let world = World::open(on).await;
    let (user, session) = world.customer("ada@example.com").await;
    world.tell(&sent(1, user, 7)).await;
    let failed = NotificationFailed {
        notification_id: Uuid::from_u128(2),
        order_id: order(7),
        user_id: user,
        channel: NotificationChannel::Push,
        template: "order_completed".into(),
        recipient: None,
        message_id: None,
        reason: NotificationFailure::NoRecipient,
        detail: None,
        failed_at: at(2),
    };
    world.tell(&failed).await;
    let told = world.get("/users/me/notifications", &session).await.body["notifications"].clone();
    let shown = |n: usize| (&told[n]["channel"], &told[n]["outcome"], &told[n]["reason"]);
    assert_eq!(shown(0), (&json!("push"), &json!("failed"), &json!("no_recipient")));
    assert_eq!(shown(1), (&json!("email"), &json!("sent"), &Value::Null));
    assert_eq!(told[1]["recipient"], "a***@example.com");
}

async fn a_list_holds_each_once_the_latest_first(on: Kind) {
    let world = World::open(on).await;
    let (user, session) = world.customer("ada@example.com").await;
    let (stranger, _) = world.customer("eve@example.com").await;
    for number in 1..=7 {
        world.tell(&placed(number, user)).await;
        world.tell(&sent(number, user, number)).await;
    }
    world.tell(&placed(99, stranger)).await;
    for (list, key) in [("orders", "order_id"), ("notifications", "notification_id")] {
        let (mut seen, mut next) = (Vec::new(), Some(format!("/users/me/{list}?limit=3")));
        while let Some(path) = next {
            let page = world.get(&path, &session).await.body;
            let ids = page[list].as_array().unwrap().iter().map(|row| row[key].clone());
            seen.extend(ids);
            next = page["next"].as_str().map(str::to_owned);
        }
        let all: Vec<Value> = (1..=7).rev().map(|n| json!(order(n))).collect();
        assert_eq!(seen, all, "{list}");
        let after = format!("after={}", order(99));
        for wrong in ["limit=0", "limit=101", &after] {
            let answer = world.get(&format!("/users/me/{list}?{wrong}"), &session).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{list} {wrong}");
        }
    }
}

async fn staff_look_up_anybodys_and_customers_their_own(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (user, _) = world.customer("ada@example.com").await;
    let (_, stranger) = world.customer("eve@example.com").await;
    world.tell(&placed(1, user)).await;
    world.tell(&sent(1, user, 1)).await;
    for list in ["orders", "notifications"] {
        let path = format!("/users/{user}/{list}");
        let answer = world.get(&path, &root).await;
        assert_eq!(answer.body[list].as_array().unwrap().len(), 1);
        assert_eq!(world.get(&path, &stranger).await.status, StatusCode::FORBIDDEN);
        let own = world.get(&format!("/users/me/{list}"), &stranger).await;
        assert_eq!(own.body[list], json!([]));
        let nobody = world.get(&format!("/users/{}/{list}", Uuid::nil()), &root).await;
        assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    }
}

async fn orders_of_strangers_are_neither_kept_nor_dead_letters(on: Kind) {
    let world = World::open(on).await;
    world.tell(&placed(1, Uuid::from_u128(404))).await;
    world.tell(&sent(1, Uuid::from_u128(404), 1)).await;
    let kept = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM orders");
    assert_eq!(kept.fetch_one(world.reader()).await.unwrap(), 0);
    assert_eq!(world.dead(), Vec::<String>::new());
}
