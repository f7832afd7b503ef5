use serde_json::{Value, json};
use shop_testkit::access::{Row, Who, check};
use shop_testkit::database::Kind;
use uuid::Uuid;

use super::world::{PASSWORD, Session, World};

shop_testkit::on_every_database!(every_route_lets_in_whom_it_says_and_nobody_else);

/// Every route, and what it answers to nobody, the user whom it is about, another customer, staff and
/// an admin.
const TABLE: [Row; 17] = [
    ("POST /users", [201; 5]),
    ("GET /users", [401, 403, 403, 200, 200]),
    ("POST /sessions", [201; 5]),
    ("POST /sessions/refresh", [200; 5]),
    ("DELETE /sessions/current", [401, 204, 204, 204, 204]),
    ("GET /users/me", [401, 200, 200, 200, 200]),
    ("PATCH /users/me", [401, 200, 200, 200, 200]),
    ("PUT /users/me/password", [401, 204, 204, 204, 204]),
    ("POST /users/me/delete", [401, 204, 204, 204, 204]),
    ("GET /users/me/orders", [401, 200, 200, 200, 200]),
    ("GET /users/me/notifications", [401, 200, 200, 200, 200]),
    ("GET /users/{user_id}", [401, 403, 403, 200, 200]),
    ("DELETE /users/{user_id}", [401, 403, 403, 403, 204]),
    ("PUT /users/{user_id}/role", [401, 403, 403, 403, 200]),
    ("GET /users/{user_id}/orders", [401, 403, 403, 200, 200]),
    ("GET /users/{user_id}/notifications", [401, 403, 403, 200, 200]),
    ("GET /.well-known/jwks.json", [200; 5]),
];

/// An account of this role that nobody has used yet.
async fn account(world: &World, root: &Session, role: &str) -> (Uuid, Session) {
    let email = format!("{}@example.com", world.app.store.emitter().random.uuid_v7(0));
    let user_id = world.register(&email).await;
    world.give_role(root, user_id, role).await;
    (user_id, world.sign_in(&email).await)
}

/// Each request has accounts of its own, for some of them end one.
async fn ask(world: &World, root: &Session, route: &str, who: Who) -> u16 {
    let (owner, of_owner) = account(world, root, "customer").await;
    let caller = match who {
        Who::Nobody => None,
        Who::Owner => Some(of_owner.clone()),
        Who::Another => Some(account(world, root, "customer").await.1),
        Who::Staff => Some(account(world, root, "staff").await.1),
        Who::Admin => Some(account(world, root, "admin").await.1),
    };
    let body = match route {
        "POST /users" => {
            json!({ "email": format!("new-{owner}@example.com"), "password": PASSWORD })
        }
        "POST /sessions" => json!({ "email": super::world::ADMIN, "password": PASSWORD }),
        "POST /sessions/refresh" => json!({ "refresh_token": of_owner.refresh }),
        "PATCH /users/me" => json!({ "locale": "fr" }),
        "PUT /users/me/password" => {
            json!({ "current_password": PASSWORD, "new_password": "a quite different sentence" })
        }
        "POST /users/me/delete" => json!({ "current_password": PASSWORD }),
        "PUT /users/{user_id}/role" => json!({ "role": "staff" }),
        _ => Value::Null,
    };
    let (method, template) = route.split_once(' ').unwrap();
    let path = template.replace("{user_id}", &owner.to_string());
    world.ask(method, &path, caller.as_ref(), body).await.status.as_u16()
}

async fn every_route_lets_in_whom_it_says_and_nobody_else(on: Kind) -> anyhow::Result<()> {
    let world = World::open(on).await;
    let root = world.admin().await;
    let api = world.ask("GET", "/openapi.json", None, Value::Null).await.body;
    check(&api, &TABLE, async |route, who| ask(&world, &root, route, who).await).await
}
