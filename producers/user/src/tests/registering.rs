use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::{UserRegistered, UserRole};
use shop_testkit::database::Kind;

use super::world::{PASSWORD, World, id};

shop_testkit::on_every_database!(
    who_registers_can_sign_in_and_is_told_of_as_a_whole,
    an_address_has_one_account_however_it_is_written,
    many_who_register_one_address_at_once_get_one_account,
    a_taken_address_costs_the_hash_that_a_free_one_costs,
    what_is_wrong_is_named_by_its_field_and_nothing_is_made,
    registering_has_a_rate_by_address,
);

fn body() -> Value {
    json!({ "email": "ada@example.com", "password": PASSWORD, "name": "Ada", "locale": "de-AT" })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = body();
    body[field] = value;
    body
}

async fn who_registers_can_sign_in_and_is_told_of_as_a_whole(on: Kind) {
    let world = World::open(on).await;
    let answer = world.post("/users", body()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    let user_id = id(&answer.body["user_id"]);
    assert_eq!(answer.location(), format!("/users/{user_id}"));
    assert_eq!(answer.body["role"], "customer");
    assert!(!answer.body.to_string().contains("argon2"), "{}", answer.body);
    let session = world.sign_in("ada@example.com").await;
    assert_eq!(world.get("/users/me", &session).await.body, answer.body);

    world.story(user_id, 1).await;
    let told = world.sent::<UserRegistered>().remove(0);
    assert_eq!((told.user_id, told.email.as_str(), told.version), (user_id, "ada@example.com", 1));
    assert_eq!((told.role, told.locale.as_str()), (UserRole::Customer, "de-AT"));
    assert_eq!((told.email_enabled, told.push_enabled), (true, false));
}

async fn an_address_has_one_account_however_it_is_written(on: Kind) {
    let world = World::open(on).await;
    world.register("Ada@example.com").await;
    let again = world.post("/users", with("email", json!("aDa@EXAMPLE.com"))).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert_eq!(again.kind(), "email-taken");
    world.sign_in("ADA@example.COM").await;
}

async fn many_who_register_one_address_at_once_get_one_account(on: Kind) {
    let world = World::open(on).await;
    let answers = (0..8).map(|_| world.post("/users", body()));
    let answers = futures::future::join_all(answers).await;
    let made = answers.iter().filter(|a| a.status == 201).count();
    let refused = answers.iter().filter(|a| a.status == 409).count();
    assert_eq!((made, refused), (1, 7));
    let user_id = answers.iter().find(|a| a.status == 201).unwrap().body["user_id"].clone();
    assert_eq!(world.story(id(&user_id), 1).await, ["UserRegistered"]);
}

async fn a_taken_address_costs_the_hash_that_a_free_one_costs(on: Kind) {
    let world = World::open(on).await;
    let mut costs = Vec::new();
    for status in [201, 409] {
        let before = world.app.passwords.computed();
        assert_eq!(world.post("/users", body()).await.status, status);
        costs.push(world.app.passwords.computed() - before);
    }
    assert_eq!(costs, [1, 1]);
}

async fn what_is_wrong_is_named_by_its_field_and_nothing_is_made(on: Kind) {
    let world = World::open(on).await;
    for (field, body) in [
        ("email", with("email", json!("ada"))),
        ("email", with("email", json!("ada@example.com\nBcc: x@example.com"))),
        ("email", with("email", json!("ada@example.com\r"))),
        ("email", with("email", json!("ada\0@example.com"))),
        ("name", with("name", json!("Ada\r\nBcc: x@example.com"))),
        ("name", with("name", json!("Ada\n"))),
        ("name", with("name", json!("A\0da"))),
        ("name", with("name", json!(""))),
        ("locale", with("locale", json!("de_AT"))),
        ("locale", with("locale", json!("de\r\n"))),
        ("locale", with("locale", Value::Null)),
        ("password", with("password", json!("fourteen chars"))),
        ("password", with("password", json!("x".repeat(129)))),
        ("password", with("password", json!("a nul \0 in the middle"))),
        ("password", with("password", json!("ada@example.comAda1"))),
        ("password", with("password", json!(12345))),
        ("role", with("role", json!("admin"))),
        ("version", with("version", json!(7))),
        ("user_id", with("user_id", json!("00000000-0000-0000-0000-000000000001"))),
        ("email_enabled", with("email_enabled", json!(true))),
    ] {
        let answer = world.post("/users", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}: {}", answer.body);
        assert_eq!(answer.field(), field, "{}", answer.body);
    }
    assert_eq!(world.app.passwords.computed(), 0, "what is refused by its form costs no hash");
    assert!(world.sent::<UserRegistered>().is_empty());
}

async fn registering_has_a_rate_by_address(on: Kind) {
    let limits = ["--registrations-per-address", "2/h"];
    let world = World::open_with(on, &limits, super::world::cheap(1)).await;
    for (email, status) in [("a@example.com", 201), ("a@example.com", 409), ("b@example.com", 429)]
    {
        let answer = world.post("/users", with("email", json!(email))).await;
        assert_eq!(answer.status, status, "{}", answer.body);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 429);
    }
}
