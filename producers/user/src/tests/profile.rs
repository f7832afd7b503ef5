use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::UserProfileChanged;
use shop_testkit::database::Kind;

use super::world::{Answer, PASSWORD, Session, World};

shop_testkit::on_every_database!(
    a_change_is_told_with_the_whole_state_and_what_changes_nothing_is_not,
    an_address_changes_with_the_password_alone_and_only_to_a_free_one,
    what_may_not_be_set_or_cannot_be_is_refused_with_its_field,
    push_subscriptions_are_published_as_a_browser_gives_them,
    a_device_is_of_whoever_registered_it_last,
    a_new_password_ends_every_other_session,
    a_new_password_ends_every_push_subscription,
    a_password_is_changed_with_the_old_one_alone,
    two_changes_at_once_are_both_kept,
);

async fn change(world: &World, session: &Session, body: Value) -> Answer {
    world.ask("PATCH", "/users/me", Some(session), body).await
}

async fn a_change_is_told_with_the_whole_state_and_what_changes_nothing_is_not(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    let body = json!({ "name": null, "locale": "fr", "email_enabled": false });
    let answer = change(&world, &session, body.clone()).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let again = change(&world, &session, body).await;
    assert_eq!(again.body, answer.body);
    assert_eq!(change(&world, &session, json!({})).await.body, answer.body);
    assert_eq!(world.get("/users/me", &session).await.body, answer.body);
    change(&world, &session, json!({ "name": "Ada L." })).await;
    let story = world.story(user_id, 3).await;
    assert_eq!(story, ["UserRegistered", "UserProfileChanged", "UserProfileChanged"]);
    let told = world.sent::<UserProfileChanged>();
    let state = |n: usize| (told[n].name.as_deref(), told[n].locale.as_str(), told[n].version);
    assert_eq!((state(0), state(1)), ((None, "fr", 2), (Some("Ada L."), "fr", 3)));
    assert_eq!((told[1].email.as_str(), told[1].email_enabled), ("ada@example.com", false));
}

async fn an_address_changes_with_the_password_alone_and_only_to_a_free_one(on: Kind) {
    let world = World::open(on).await;
    let (_, session) = world.customer("ada@example.com").await;
    world.register("bob@example.com").await;
    let to = |email: &str, password: Value| json!({ "email": email, "current_password": password });
    for (body, status) in [
        (json!({ "email": "ada@example.org" }), 422),
        (to("ada@example.org", json!("another horse's battery")), 422),
        (to("BOB@example.com", json!(PASSWORD)), 409),
        (to("ada@example.org", json!(PASSWORD)), 200),
        (json!({ "email": "ada@example.org" }), 200), // which it is
        (to("ADA@example.org", json!(PASSWORD)), 200),
    ] {
        let answer = change(&world, &session, body).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        if status == 422 {
            assert_eq!(answer.field(), "current_password");
        }
    }
    assert_eq!(world.try_to_sign_in("ada@example.com", PASSWORD).await.status, 401);
    world.sign_in("ada@example.org").await;
    world.register("ada@example.com").await;
}

async fn what_may_not_be_set_or_cannot_be_is_refused_with_its_field(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    let subscription =
        json!({ "endpoint": "http://push.example.net/1", "keys": { "p256dh": "", "auth": "" } });
    for (field, value) in [
        ("role", json!("admin")),
        ("version", json!(9)),
        ("user_id", json!(user_id)),
        ("password", json!("another horse's battery")),
        ("registered_at", json!(1)),
        ("email", json!("ada@example.com\r\nBcc: x@example.com")),
        ("email", json!(null)),
        ("name", json!("Ada\nBcc: x@example.com")),
        ("name", json!("A\rda")),
        ("name", json!("A\0da")),
        ("name", json!("x".repeat(201))),
        ("locale", json!("de\n")),
        ("email_enabled", json!("yes")),
        ("push_enabled", json!(null)),
        ("push_subscriptions[0].endpoint", json!([subscription])),
        ("push_subscriptions[0].keys.admin", json!([{ "endpoint": "", "keys": { "admin": 1 } }])),
    ] {
        let mut body = json!({});
        body[field.split('[').next().unwrap()] = value;
        let answer = change(&world, &session, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
    assert!(world.sent::<UserProfileChanged>().is_empty());
}

/// As a browser gives it.
fn device(number: u32) -> Value {
    let key =
        "BAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
    let keys = json!({ "p256dh": key, "auth": "AQEBAQEBAQEBAQEBAQEBAQ" });
    json!({ "endpoint": format!("https://push.example.net/{number}"), "keys": keys })
}

async fn a_device_is_of_whoever_registered_it_last(on: Kind) {
    let world = World::open(on).await;
    let (ada_id, ada) = world.customer("ada@example.com").await;
    let (bob_id, bob) = world.customer("bob@example.com").await;
    let subscribed = async |session: &Session| {
        world.get("/users/me", session).await.body["push_subscriptions"].clone()
    };
    change(&world, &ada, json!({ "push_subscriptions": [device(1), device(2)] })).await;
    change(&world, &bob, json!({ "push_subscriptions": [device(2), device(3)] })).await;
    assert_eq!(subscribed(&ada).await, json!([device(1)]));
    assert_eq!(subscribed(&bob).await, json!([device(2), device(3)]));
    assert_eq!(world.story(ada_id, 3).await.len(), 3, "and it is told");
    change(&world, &ada, json!({ "push_subscriptions": [device(1), device(2)] })).await;
    assert_eq!(subscribed(&bob).await, json!([device(3)]));
    assert_eq!(world.story(bob_id, 3).await.len(), 3);
}

async fn a_new_password_ends_every_push_subscription(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    change(&world, &session, json!({ "push_subscriptions": [device(1)] })).await;
    let body =
        json!({ "current_password": PASSWORD, "new_password": "a quite different sentence" });
    let answer = world.ask("PUT", "/users/me/password", Some(&session), body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    let me = world.get("/users/me", &session).await.body;
    assert_eq!(me["push_subscriptions"], json!([]));
    world.story(user_id, 3).await;
    assert_eq!(world.sent::<UserProfileChanged>()[1].push_tokens, Vec::<String>::new());
}

async fn push_subscriptions_are_published_as_a_browser_gives_them(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    let kept = device(1);
    let mut given = kept.clone();
    given["expirationTime"] = Value::Null;
    let body = json!({ "push_enabled": true, "push_subscriptions": [given] });
    let answer = change(&world, &session, body).await;
    assert_eq!(answer.body["push_subscriptions"], json!([kept]), "{}", answer.body);
    world.story(user_id, 2).await;
    let told = world.sent::<UserProfileChanged>().remove(0);
    let tokens: Vec<Value> =
        told.push_tokens.iter().map(|token| serde_json::from_str(token).unwrap()).collect();
    assert_eq!((told.push_enabled, tokens), (true, vec![kept]));
    let none = change(&world, &session, json!({ "push_subscriptions": [] })).await;
    assert_eq!(none.body["push_subscriptions"], json!([]));
}

async fn a_new_password_ends_every_other_session(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    let other = world.sign_in("ada@example.com").await;
    let new = "a quite different sentence";
    let body = json!({ "current_password": PASSWORD, "new_password": new });
    let answer = world.ask("PUT", "/users/me/password", Some(&session), body).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.body);
    assert!(world.is_signed_in(&session).await);
    assert!(!world.is_signed_in(&other).await);
    assert_eq!(world.refresh(&other).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(world.refresh(&session).await.status, StatusCode::OK);
    assert_eq!(world.try_to_sign_in("ada@example.com", PASSWORD).await.status, 401);
    assert_eq!(world.try_to_sign_in("ada@example.com", new).await.status, 201);
    assert_eq!(world.story(user_id, 1).await, ["UserRegistered"], "it is nobody else's business");
}

async fn a_password_is_changed_with_the_old_one_alone(on: Kind) {
    let world = World::open(on).await;
    let (_, session) = world.customer("ada@example.com").await;
    let new = "a quite different sentence";
    for (field, body) in [
        ("current_password", json!({ "current_password": "wrong", "new_password": new })),
        ("new_password", json!({ "current_password": PASSWORD, "new_password": "short" })),
        ("user_id", json!({ "current_password": PASSWORD, "new_password": new, "user_id": 1 })),
    ] {
        let answer = world.ask("PUT", "/users/me/password", Some(&session), body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
    world.sign_in("ada@example.com").await;
}

async fn two_changes_at_once_are_both_kept(on: Kind) {
    let world = World::open(on).await;
    let (user_id, session) = world.customer("ada@example.com").await;
    let (locale, push) = tokio::join!(
        change(&world, &session, json!({ "locale": "fr" })),
        change(&world, &session, json!({ "push_enabled": true })),
    );
    assert!(locale.status.is_success() && push.status.is_success());
    let me = world.get("/users/me", &session).await.body;
    assert_eq!((&me["locale"], &me["push_enabled"]), (&json!("fr"), &json!(true)));
    world.story(user_id, 3).await;
    let versions: Vec<_> =
        world.sent::<UserProfileChanged>().iter().map(|told| told.version).collect();
    assert_eq!(versions, [2, 3]);
}
