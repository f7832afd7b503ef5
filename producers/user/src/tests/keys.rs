use std::time::Duration;

use axum::http::StatusCode;
use pipeline::Clock;
use serde_json::{Value, json};
use shop_service::Secret;
use shop_testkit::database::Kind;
use sqlx::Row;

use super::world::{NOW, World, key_settings, read, store_on};
use crate::keys::{KeyError, Keys, Seal};

shop_testkit::on_every_database!(
    the_key_that_signs_and_the_next_one_are_published_and_no_private_half_is,
    keys_rotate_without_a_restart_and_nobody_is_signed_out,
    instances_that_start_at_once_share_their_keys_and_rotate_once,
    sealed_keys_open_with_their_secret_alone,
);

const AGE: Duration = Duration::from_secs(30 * 86_400);

async fn kids(world: &World) -> Vec<String> {
    let answer = world.ask("GET", "/.well-known/jwks.json", None, Value::Null).await;
    assert_eq!(answer.status, StatusCode::OK);
    let keys = answer.body["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    read(token).0["kid"].as_str().unwrap().to_owned()
}

async fn the_key_that_signs_and_the_next_one_are_published_and_no_private_half_is(on: Kind) {
    let world = World::open(on).await;
    let answer = world.ask("GET", "/.well-known/jwks.json", None, Value::Null).await;
    assert_eq!(answer.headers["cache-control"], "public, max-age=60");
    let keys = answer.body["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let mut fields: Vec<_> = key.as_object().unwrap().keys().collect();
        fields.sort();
        assert_eq!(fields, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!((&key["kty"], &key["crv"]), (&json!("OKP"), &json!("Ed25519")));
        assert_eq!((&key["use"], &key["alg"]), (&json!("sig"), &json!("EdDSA")));
    }
    let (_, session) = world.customer("ada@example.com").await;
    assert_eq!(kid(&session.access), keys[0]["kid"].as_str().unwrap());
}

async fn keys_rotate_without_a_restart_and_nobody_is_signed_out(on: Kind) {
    let world = World::open(on).await;
    let (_, _) = world.customer("ada@example.com").await;
    let before = kids(&world).await;
    world.later(AGE - Duration::from_secs(60));
    let old = world.sign_in("ada@example.com").await;
    assert_eq!(kid(&old.access), before[0]);
    world.later(Duration::from_secs(60));
    let new = world.sign_in("ada@example.com").await;
    assert_eq!(kid(&new.access), before[1], "its turn has come, whether anybody has looked or not");
    world.app.keys.turn().await.unwrap();
    let during = kids(&world).await;
    assert_eq!((&during[..2], during.len()), (&before[..], 3));
    assert!(world.is_signed_in(&old).await && world.is_signed_in(&new).await);

    world.later(Duration::from_secs(60));
    world.app.keys.turn().await.unwrap();
    let silent = sqlx::query("SELECT private_key FROM signing_keys ORDER BY number");
    let silent = silent.fetch_all(world.reader()).await.unwrap();
    assert_eq!(silent[0].get::<String, _>(0), "", "who signs no more needs no private half");
    assert!(world.is_signed_in(&old).await);
    world.later(Duration::from_secs(900));
    world.app.keys.turn().await.unwrap();
    assert_eq!(kids(&world).await, during[1..]);
    assert!(!world.is_signed_in(&old).await, "it has expired");
}

async fn instances_that_start_at_once_share_their_keys_and_rotate_once(on: Kind) {
    let database = on.fresh().await.unwrap();
    let clock = Clock::manual(NOW);
    let mut stores = Vec::new();
    for _ in 0..3 {
        stores.push(store_on(database.url(), &clock).await);
    }
    let load = stores.iter().map(|store| Keys::load(store.clone(), key_settings(Seal::none())));
    let keys: Vec<Keys> =
        futures::future::join_all(load).await.into_iter().map(Result::unwrap).collect();
    let jwks =
        |keys: &Keys| -> Vec<String> { keys.jwks().keys.into_iter().map(|key| key.kid).collect() };
    for other in &keys[1..] {
        assert_eq!(jwks(other), jwks(&keys[0]));
    }
    clock.advance(AGE);
    for turned in futures::future::join_all(keys.iter().map(Keys::turn)).await {
        turned.unwrap();
    }
    for other in &keys {
        other.turn().await.unwrap();
        assert_eq!((jwks(other), jwks(other).len()), (jwks(&keys[0]), 3));
    }
}

async fn sealed_keys_open_with_their_secret_alone(on: Kind) {
    let database = on.fresh().await.unwrap();
    let store = store_on(database.url(), &Clock::manual(NOW)).await;
    let seal = |secret: &str| Seal::under(&Secret::from(secret)).unwrap();
    let load = |seal: Seal| Keys::load(store.clone(), key_settings(seal));
    let first = load(seal("the secret of the shop")).await.unwrap().jwks().keys;
    assert_eq!(load(seal("the secret of the shop")).await.unwrap().jwks().keys, first);
    for wrong in [seal("the secret of another"), Seal::none()] {
        let error = load(wrong).await.err().unwrap();
        assert!(matches!(error, KeyError::Sealed(_)), "{error}");
        assert!(error.to_string().contains("--signing-secret-file"), "{error}");
    }
    let rows = sqlx::query("SELECT private_key FROM signing_keys");
    for row in rows.fetch_all(store.reader()).await.unwrap() {
        assert!(row.get::<String, _>(0).starts_with("sealed1:"));
    }
}
