use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_testkit::database::Kind;

use super::history::{placed, sent};
use super::world::{PASSWORD, World};

shop_testkit::on_every_database!(
    who_goes_leaves_nothing_here_and_a_tombstone_on_the_topic,
    an_account_goes_with_the_password_alone,
    what_is_heard_of_an_erased_user_is_not_kept,
    an_admin_may_erase_a_user,
);

async fn rows(world: &World) -> Vec<i64> {
    let mut counts = Vec::new();
    for count in [
        "SELECT COUNT(*) FROM users",
        "SELECT COUNT(*) FROM families",
        "SELECT COUNT(*) FROM orders",
        "SELECT COUNT(*) FROM notifications",
    ] {
        let count = sqlx::query_scalar::<_, i64>(count);
        counts.push(count.fetch_one(world.reader()).await.unwrap());
    }
    counts
}

async fn who_goes_leaves_nothing_here_and_a_tombstone_on_the_topic(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    world.tell(&placed(1, user_id)).await;
    world.tell(&sent(1, user_id, 1)).await;
    assert_eq!(rows(&world).await, [1, 1, 1, 1]);
    let body = json!({ "current_password": PASSWORD });
    let answer = world.ask("POST", "/users/me/delete", Some(&session), body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    assert_eq!(rows(&world).await, [0, 0, 0, 0]);
    assert_eq!(world.story(user_id, 2).await, ["UserRegistered", "Tombstone"]);
    assert_eq!(world.last_payload(), None);
    assert!(!world.is_signed_in(&session).await);
    assert_eq!(world.refresh(&session).await.status, StatusCode::UNAUTHORIZED);
    assert_ne!(world.register("ada@example.com").await, user_id, "the address is free again");
}

async fn an_account_goes_with_the_password_alone(on: Kind) {
    let world = World::open(on).await;
    let (_, session) = world.customer("ada@example.com").await;
    let body = json!({ "current_password": "another horse's battery" });
    let answer = world.ask("POST", "/users/me/delete", Some(&session), body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.field(), "current_password");
    assert!(world.is_signed_in(&session).await);
}

async fn what_is_heard_of_an_erased_user_is_not_kept(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (user_id, _) = world.customer("ada@example.com").await;
    world.tell(&placed(1, user_id)).await;
    world.ask("DELETE", &format!("/users/{user_id}"), Some(&root), Value::Null).await;
    world.tell(&super::history::completed(1, user_id)).await;
    world.tell(&sent(1, user_id, 1)).await;
    assert_eq!(rows(&world).await, [1, 1, 0, 0]);
    assert_eq!(world.dead(), Vec::<String>::new());
}

async fn an_admin_may_erase_a_user(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (user_id, session) = world.customer("ada@example.com").await;
    for status in [StatusCode::NO_CONTENT, StatusCode::NOT_FOUND] {
        let path = format!("/users/{user_id}");
        let answer = world.ask("DELETE", &path, Some(&root), Value::Null).await;
        assert_eq!(answer.status, status);
    }
    assert!(!world.is_signed_in(&session).await);
    assert_eq!(world.story(user_id, 2).await, ["UserRegistered", "Tombstone"]);
}
