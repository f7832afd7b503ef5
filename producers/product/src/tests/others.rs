//! Other programs publish products too.

use serde_json::json;
use shop_events::{ProductListed, ProductRestocked};
use shop_testkit::database::Kind;

use super::shop::{Shop, state};
use crate::GROUP;

shop_testkit::on_every_database!(
    what_another_program_publishes_is_taken_over_and_gone_on_from,
    an_older_state_does_not_undo_a_newer_one,
    its_own_records_come_back_and_change_nothing,
    what_crosses_a_change_made_here_ends_with_one_state_for_everybody,
    a_state_that_cannot_be_is_dead_lettered,
);

async fn what_another_program_publishes_is_taken_over_and_gone_on_from(on: Kind) {
    let shop = Shop::open(on).await;
    shop.world.tell(GROUP, &state("TEA", 490, 0, 1).as_listed()).await;
    shop.world.tell(GROUP, &state("TEA", 490, 7, 2).as_restocked(7)).await;
    assert_eq!(shop.get("/products/TEA").await.body["version"], 2);
    let restocked = shop.restock("TEA", "k", 3).await;
    assert_eq!(restocked.body["restocked_total"], 10);
    shop.story("TEA", 3).await;
    assert_eq!(shop.world.sent::<ProductRestocked>()[1].version, 3);
}

async fn an_older_state_does_not_undo_a_newer_one(on: Kind) {
    let shop = Shop::open(on).await;
    shop.world.tell(GROUP, &state("TEA", 490, 5, 4).as_repriced(480)).await;
    shop.world.tell(GROUP, &state("TEA", 480, 5, 3).as_listed()).await;
    assert_eq!(shop.get("/products/TEA").await.body["price"], 490);
    assert_eq!(shop.story("TEA", 2).await.len(), 2);
}

async fn its_own_records_come_back_and_change_nothing(on: Kind) {
    let shop = Shop::open(on).await;
    shop.list("TEA", "Tea", 490).await;
    shop.post("/products/TEA/reprice", "-", json!({ "price": 500 })).await;
    shop.restock("TEA", "k", 3).await;
    assert_eq!(shop.story("TEA", 3).await.len(), 3);
    assert_eq!(shop.get("/products/TEA").await.body["price"], 500);
    assert_eq!(shop.world.dead(GROUP), Vec::<String>::new());
}

async fn what_crosses_a_change_made_here_ends_with_one_state_for_everybody(on: Kind) {
    let shop = Shop::open(on).await;
    shop.world.tell(GROUP, &state("TEA", 490, 5, 1).as_listed()).await;
    shop.post("/products/TEA/reprice", "-", json!({ "price": 500 })).await;
    shop.story("TEA", 2).await;
    // Decided by a catalogue that had read version 1, as the price here had.
    shop.world.tell(GROUP, &state("TEA", 480, 5, 2).as_repriced(490)).await;
    assert_eq!(shop.story("TEA", 4).await[3], "ProductListed");
    shop.world.tell(GROUP, &state("TEA", 480, 9, 3).as_restocked(4)).await;
    assert_eq!(shop.story("TEA", 6).await[4..], ["ProductRestocked", "ProductRestocked"]);
    let last = shop.world.sent::<ProductRestocked>().pop().unwrap();
    assert_eq!((last.version, last.price, last.restocked_total), (4, 500, 9));
    assert_eq!(shop.world.sent::<ProductListed>().pop().unwrap().version, 3);
    let product = shop.get("/products/TEA").await.body;
    assert_eq!((&product["price"], &product["version"]), (&json!(500), &json!(4)));
}

async fn a_state_that_cannot_be_is_dead_lettered(on: Kind) {
    let shop = Shop::open(on).await;
    shop.world.tell(GROUP, &state("TEA", -1, 0, 1).as_listed()).await;
    shop.world.tell(GROUP, &state("TEA", 1, 0, 0).as_listed()).await;
    let dead = shop.world.dead(GROUP);
    assert!(dead[0].contains("price") && dead[1].contains("version"), "{dead:?}");
    assert_eq!(shop.get("/products/TEA").await.status, 404);
}
