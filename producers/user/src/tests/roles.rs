use axum::http::StatusCode;
use serde_json::{Value, json};
use shop_events::{UserRole, UserRoleChanged};
use shop_testkit::database::Kind;

use super::world::{ADMIN, World, id, read};

shop_testkit::on_every_database!(
    a_role_is_in_the_next_token_and_ends_the_sessions_before,
    who_loses_a_role_cannot_use_it_here_any_more,
    the_last_admin_stays_one,
    two_admins_who_take_each_others_role_at_once_leave_one,
    staff_see_every_user_once_page_by_page,
);

async fn a_role_is_in_the_next_token_and_ends_the_sessions_before(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (user_id, before) = world.customer("ada@example.com").await;
    let answer = world.give_role(&root, user_id, "staff").await;
    assert_eq!((answer.status, &answer.body["role"]), (StatusCode::OK, &json!("staff")));
    assert!(!world.is_signed_in(&before).await);
    assert_eq!(world.refresh(&before).await.status, StatusCode::UNAUTHORIZED);
    let staff = world.sign_in("ada@example.com").await;
    assert_eq!(read(&staff.access).1["role"], "staff");
    assert_eq!(world.give_role(&root, user_id, "staff").await.status, StatusCode::OK);
    assert!(world.is_signed_in(&staff).await, "the role that one has changes nothing");

    assert_eq!(world.story(user_id, 2).await, ["UserRegistered", "UserRoleChanged"]);
    let told = world.sent::<UserRoleChanged>().remove(0);
    assert_eq!((told.role, told.previous_role), (UserRole::Staff, UserRole::Customer));
    assert_eq!(json!(told.changed_by), read(&root.access).1["sub"]);
    assert_eq!(told.version, 2);
}

async fn who_loses_a_role_cannot_use_it_here_any_more(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let (user_id, _) = world.customer("ada@example.com").await;
    world.give_role(&root, user_id, "admin").await;
    let second = world.sign_in("ada@example.com").await;
    assert_eq!(world.get("/users", &second).await.status, StatusCode::OK);
    world.give_role(&root, user_id, "customer").await;
    // The token says admin for some minutes more, and its session is over.
    assert_eq!(world.get("/users", &second).await.status, StatusCode::UNAUTHORIZED);
    let answer = world.give_role(&second, user_id, "admin").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

async fn the_last_admin_stays_one(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let root_id = id(&read(&root.access).1["sub"]);
    let (user_id, _) = world.customer("ada@example.com").await;
    let last = |answer: super::world::Answer| {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert_eq!(answer.kind(), "last-admin");
    };
    last(world.give_role(&root, root_id, "customer").await);
    let path = format!("/users/{root_id}");
    last(world.ask("DELETE", &path, Some(&root), Value::Null).await);
    assert!(world.is_signed_in(&root).await);
    world.give_role(&root, user_id, "admin").await;
    assert_eq!(world.give_role(&root, root_id, "customer").await.status, StatusCode::OK);
    let ada = world.sign_in("ada@example.com").await;
    last(world.give_role(&ada, user_id, "staff").await);
}

async fn two_admins_who_take_each_others_role_at_once_leave_one(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let root_id = id(&read(&root.access).1["sub"]);
    let (user_id, _) = world.customer("ada@example.com").await;
    world.give_role(&root, user_id, "admin").await;
    let ada = world.sign_in("ada@example.com").await;
    let (one, other) = tokio::join!(
        world.give_role(&root, user_id, "customer"),
        world.give_role(&ada, root_id, "customer"),
    );
    let won = [&one, &other].into_iter().filter(|a| a.status == StatusCode::OK).count();
    assert_eq!(won, 1, "{} {}", one.body, other.body);
    let admins = sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM users WHERE role = 'admin'");
    assert_eq!(admins.fetch_one(world.reader()).await.unwrap(), 1);
}

async fn staff_see_every_user_once_page_by_page(on: Kind) {
    let world = World::open(on).await;
    let root = world.admin().await;
    let mut all = vec![id(&read(&root.access).1["sub"]).to_string()];
    for i in 0..6 {
        all.push(world.register(&format!("u{i}@example.com")).await.to_string());
    }
    let (mut seen, mut next) = (Vec::new(), Some("/users?limit=3".to_owned()));
    while let Some(path) = next {
        let page = world.get(&path, &root).await.body;
        let users = page["users"].as_array().unwrap();
        assert!(users.iter().all(|user| user.get("push_subscriptions").is_none()));
        seen.extend(users.iter().map(|user| user["user_id"].as_str().unwrap().to_owned()));
        next = page["next"].as_str().map(str::to_owned);
    }
    all.sort();
    seen.sort();
    assert_eq!(seen, all);
    let one = world.get("/users?email=ROOT@example.com", &root).await.body;
    assert_eq!((&one["users"][0]["email"], &one["next"]), (&json!(ADMIN), &Value::Null));
    let none = world.get("/users?email=nobody@example.com", &root).await.body;
    assert_eq!(none["users"], json!([]));
    for wrong in ["limit=0", "limit=101", "email=ada", "after=00000000-0000-0000-0000-000000000001"]
    {
        let answer = world.get(&format!("/users?{wrong}"), &root).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    assert_eq!(world.get("/users?role=admin", &root).await.status, StatusCode::BAD_REQUEST);
    for path in ["/users/ada", "/users/ada/orders", "/users/ada/notifications"] {
        let answer = world.get(path, &root).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert_eq!(answer.body["errors"][0]["field"], "user_id", "{path}");
    }
}
