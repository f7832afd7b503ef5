use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use shop_testkit::database::Kind;

use super::world::{NOW, PASSWORD, World, cheap, read, session};
use crate::passwords::Passwords;
use crate::store::families;

shop_testkit::on_every_database!(
    an_access_token_says_who_calls_and_expires_in_minutes,
    an_unknown_address_and_a_wrong_password_get_one_answer_for_one_cost,
    what_cannot_be_an_address_is_nobodys,
    a_hash_of_another_cost_is_made_anew_when_its_user_signs_in,
    tries_are_counted_by_account_whether_there_is_one_or_not,
    tries_are_counted_by_address,
    who_guesses_from_elsewhere_locks_nobody_out,
    who_is_signed_in_is_not_locked_out_by_anybody_outside,
    who_comes_while_too_many_hashes_run_is_told_to_come_again,
    who_signs_out_is_out_with_both_tokens,
    a_user_has_so_many_sessions_and_no_more,
    a_field_that_is_none_is_refused,
);

async fn an_access_token_says_who_calls_and_expires_in_minutes(on: Kind) {
    let world = World::open(on).await;
    let user_id = world.register("ada@example.com").await;
    let answer = world.try_to_sign_in("ada@example.com", PASSWORD).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(
        (&answer.body["token_type"], &answer.body["expires_in"]),
        (&json!("Bearer"), &json!(900))
    );
    let session = session(&answer);
    let (header, claims) = read(&session.access);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    let seconds = NOW / 1_000_000;
    for (claim, is) in [
        ("iss", json!("orderline")),
        ("aud", json!("orderline")),
        ("sub", json!(user_id)),
        ("role", json!("customer")),
        ("iat", json!(seconds)),
        ("nbf", json!(seconds)),
        ("exp", json!(seconds + 900)),
    ] {
        assert_eq!(claims[claim], is, "{claim}");
    }
    assert!(claims["sid"].is_string() && claims["jti"].is_string(), "{claims}");
    assert_eq!(claims.as_object().unwrap().len(), 9, "{claims}");
    assert!(world.is_signed_in(&session).await);
    world.later(Duration::from_secs(900 + 31));
    assert!(!world.is_signed_in(&session).await);
}

async fn an_unknown_address_and_a_wrong_password_get_one_answer_for_one_cost(on: Kind) {
    let world = World::open(on).await;
    world.register("ada@example.com").await;
    let mut seen = Vec::new();
    for email in ["ada@example.com", "nobody@example.com"] {
        let before = world.app.passwords.computed();
        let answer = world.try_to_sign_in(email, "another horse's battery").await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        seen.push((answer.body, answer.headers, world.app.passwords.computed() - before));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].2, 1);
}

async fn what_cannot_be_an_address_is_nobodys(on: Kind) {
    let world = World::open(on).await;
    for email in ["", "ada", "ada\0@example.com", "'; DROP TABLE users; --", &"x".repeat(10_000)] {
        let answer = world.try_to_sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{email:?}: {}", answer.body);
    }
}

async fn a_hash_of_another_cost_is_made_anew_when_its_user_signs_in(on: Kind) {
    let world = World::open(on).await;
    world.register("ada@example.com").await;
    let dearer = world.another(cheap(2)).await;
    for costs in [2, 1] {
        let before = dearer.app.passwords.computed();
        dearer.sign_in("ada@example.com").await;
        assert_eq!(dearer.app.passwords.computed() - before, costs);
    }
    let kept = sqlx::query_scalar::<_, String>("SELECT password FROM users");
    let kept = kept.fetch_one(world.reader()).await.unwrap();
    assert!(kept.contains("t=2"), "{kept}");
}

async fn tries_are_counted_by_account_whether_there_is_one_or_not(on: Kind) {
    let limits = ["--sign-ins-per-account", "2/h"];
    let world = World::open_with(on, &limits, cheap(1)).await;
    world.register("ada@example.com").await;
    for email in ["ada@example.com", "nobody@example.com"] {
        for written in [email.to_owned(), email.to_uppercase()] {
            assert_eq!(world.try_to_sign_in(&written, "a wrong password").await.status, 401);
        }
        let before = world.app.passwords.computed();
        let answer = world.try_to_sign_in(email, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(answer.headers.contains_key("retry-after"));
        assert_eq!(world.app.passwords.computed(), before, "what is refused costs no hash");
    }
}

async fn who_guesses_from_elsewhere_locks_nobody_out(on: Kind) {
    let limits = ["--sign-ins-per-account-and-address", "2/h"];
    let world = World::open_with(on, &limits, cheap(1)).await;
    for email in ["ada@example.com", "bob@example.com"] {
        world.register(email).await;
    }
    let from = async |address, email: &str, password| {
        world.try_from(address, email, password).await.status.as_u16()
    };
    for status in [401, 401, 429, 429] {
        assert_eq!(from("192.0.2.1", "Ada@example.com", "a wrong password").await, status);
    }
    assert_eq!(from("192.0.2.1", "ada@example.com", PASSWORD).await, 429);
    assert_eq!(from("192.0.2.1", "bob@example.com", PASSWORD).await, 201);
    assert_eq!(from("192.0.2.2", "ada@example.com", PASSWORD).await, 201);
}

async fn who_is_signed_in_is_not_locked_out_by_anybody_outside(on: Kind) {
    let limits = ["--sign-ins-per-account", "3/h", "--sign-ins-per-account-and-address", "2/h"];
    let world = World::open_with(on, &limits, cheap(1)).await;
    let (_, session) = world.customer("ada@example.com").await;
    for (address, status) in [(1, 401), (2, 401), (3, 429)] {
        let address = format!("192.0.2.{address}");
        let answer = world.try_from(&address, "ada@example.com", "a wrong password").await;
        assert_eq!(answer.status, status);
    }
    let change = async |current: &str| {
        let body = json!({ "current_password": current, "new_password": "a different sentence" });
        world.ask("PUT", "/users/me/password", Some(&session), body).await.status.as_u16()
    };
    assert_eq!(change("a wrong password").await, 422);
    assert_eq!(change(PASSWORD).await, 204);
    assert_eq!(change("a different sentence").await, 429, "guesses in a session are counted too");
}

async fn tries_are_counted_by_address(on: Kind) {
    let limits = ["--sign-ins-per-address", "2/h"];
    let world = World::open_with(on, &limits, cheap(1)).await;
    for (email, status) in [("a@example.com", 401), ("b@example.com", 401), ("c@example.com", 429)]
    {
        assert_eq!(world.try_to_sign_in(email, PASSWORD).await.status, status);
    }
}

async fn who_comes_while_too_many_hashes_run_is_told_to_come_again(on: Kind) {
    let one = Passwords::new(argon2::Params::new(8, 1, 1, None).unwrap(), 1, 0).unwrap();
    let world = World::open_with(on, &[], one).await;
    world.register("ada@example.com").await;
    let running = world.app.passwords.room().await.unwrap();
    let body = json!({ "email": "bob@example.com", "password": PASSWORD });
    for path in ["/sessions", "/users"] {
        let answer = world.post(path, body.clone()).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}", answer.body);
        assert!(answer.headers.contains_key("retry-after"));
    }
    drop(running);
    world.sign_in("ada@example.com").await;
}

async fn who_signs_out_is_out_with_both_tokens(on: Kind) {
    let world = World::open(on).await;
    let (_, session) = world.customer("ada@example.com").await;
    let other = world.sign_in("ada@example.com").await;
    for _ in 0..2 {
        let out = world.ask("DELETE", "/sessions/current", Some(&session), json!(null)).await;
        assert_eq!(out.status, StatusCode::NO_CONTENT, "twice is as good as once");
    }
    assert!(!world.is_signed_in(&session).await);
    let answer = world.refresh(&session).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert_eq!(answer.kind(), "signed-out");
    assert!(world.is_signed_in(&other).await, "on another device one is still signed in");
    assert_eq!(world.refresh(&other).await.status, StatusCode::OK);
}

async fn a_user_has_so_many_sessions_and_no_more(on: Kind) {
    let world = World::open(on).await;
    let (_, first) = world.customer("ada@example.com").await;
    world.later(Duration::from_secs(1));
    let second = world.sign_in("ada@example.com").await;
    world.later(Duration::from_secs(1));
    for _ in 2..families::MOST {
        world.sign_in("ada@example.com").await;
    }
    assert!(world.is_signed_in(&first).await);
    world.sign_in("ada@example.com").await;
    assert!(!world.is_signed_in(&first).await);
    assert!(world.is_signed_in(&second).await);
}

async fn a_field_that_is_none_is_refused(on: Kind) {
    let world = World::open(on).await;
    for (path, field, body) in [
        ("/sessions", "role", json!({ "email": "a@b.de", "password": PASSWORD, "role": "admin" })),
        ("/sessions", "password", json!({ "email": "a@b.de", "password": 5 })),
        ("/sessions/refresh", "user_id", json!({ "refresh_token": "x", "user_id": "y" })),
    ] {
        let answer = world.post(path, body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
}
