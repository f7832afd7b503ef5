//! What is known of products and users, and what is forgotten.

use pipeline::Event;
use serde_json::json;
use shop_events::{CartCheckedOut, UserRegistered};
use shop_testkit::access::Who;
use shop_testkit::database::Kind;

use super::shop::{Shop, id};
use crate::GROUP;

shop_testkit::on_every_database!(
    an_older_state_does_not_undo_a_newer_one,
    a_user_that_is_erased_is_forgotten,
    what_no_order_could_be_made_of_is_dead_lettered,
);

use Who::Owner;

async fn an_older_state_does_not_undo_a_newer_one(on: Kind) {
    let shop = Shop::open(on).await;
    shop.product("TEA", 300, 5, |_| {}).await;
    shop.product("TEA", 100, 4, |p| p.listed = false).await;
    shop.level("TEA", 3, 5).await;
    shop.level("TEA", 0, 4).await;
    shop.user(Owner, "new@example.com", 2).await;
    shop.user(Owner, "old@example.com", 1).await;
    shop.two_tea().await;
    let line = &shop.view(Owner).await["lines"][0];
    assert_eq!((&line["price"], &line["available"]), (&json!(300), &json!(3)));
    shop.check_out(Owner, "k", json!({})).await;
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 1).await;
    let sent = shop.world.sent::<CartCheckedOut>().remove(0);
    assert_eq!(sent.email.as_deref(), Some("new@example.com"));
}

async fn a_user_that_is_erased_is_forgotten(on: Kind) {
    let shop = Shop::open(on).await;
    shop.user(Owner, "ada@example.com", 1).await;
    shop.user(Who::Another, "eve@example.com", 1).await;
    shop.two_tea().await;
    shop.put(Who::Another, "TEA", 1).await;
    let mut tombstone = shop.world.record(&user_like(&shop).await);
    tombstone.payload = None;
    shop.world.tell_record(GROUP, tombstone).await;
    assert_eq!(shop.view(Owner).await["lines"], json!([]));
    assert_eq!(shop.view(Who::Another).await["total"], 250);
    shop.two_tea().await;
    shop.check_out(Owner, "k", json!({})).await;
    shop.world.until(|| shop.world.sent::<CartCheckedOut>().len() == 1).await;
    assert_eq!(shop.world.sent::<CartCheckedOut>()[0].email, None);
}

/// The owner's first record.
async fn user_like(shop: &Shop) -> UserRegistered {
    let users = shop.world.sent::<UserRegistered>();
    users.into_iter().find(|user| user.key() == id(Owner).to_string()).unwrap()
}

async fn what_no_order_could_be_made_of_is_dead_lettered(on: Kind) {
    let shop = Shop::open(on).await;
    shop.user(Owner, "nobody", 1).await;
    shop.product("CUP", -1, 1, |_| {}).await;
    let dead = shop.world.dead(GROUP);
    assert!(dead[0].contains("email") && dead[1].contains("price"), "{dead:?}");
}
