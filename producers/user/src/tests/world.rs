use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Parser;
use pipeline::{Clock, Database, Emitter, Event, Schemas, Store};
use serde_json::{Value, json};
use shop_events::{
    NotificationFailed, NotificationSent, OrderCancelled, OrderCompleted, OrderPlaced,
    OrderRejected, OrderReserved, UserRegistered,
};
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, Published, Secret};
pub(super) use shop_testkit::client::Answer;
use shop_testkit::client::Client;
use shop_testkit::database::Kind;
use shop_testkit::world;
use uuid::Uuid;

use crate::counted::Counted;
use crate::http::App;
use crate::keys::{KeySettings, Keys, Seal};
use crate::passwords::Passwords;
use crate::settings::{AccountSettings, FirstAdmin};
use crate::{GROUP, Publishes, admin, answers, jwks_of, reactions, store};

/// 2026, in microseconds.
pub(super) const NOW: i64 = 1_780_000_000_000_000;
pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const ADMIN: &str = "root@example.com";

/// The service with what is around it.
pub(super) struct World {
    around: world::World,
    first: Instance,
    clock: Clock,
}

/// The routes of one instance.
pub(super) struct Instance {
    pub(super) app: App,
    client: Client,
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Deref for World {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.first
    }
}

/// Hashes that cost next to nothing.
pub(super) fn cheap(passes: u32) -> Passwords {
    Passwords::new(argon2::Params::new(8, passes, 1, None).unwrap(), 4, 1_000).unwrap()
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    accounts: AccountSettings,
}

/// Without limits, unless `args` set some.
fn settings(args: &[&str]) -> AccountSettings {
    let mut all = vec!["user"];
    for limit in [
        "--sign-ins-per-account",
        "--sign-ins-per-account-and-address",
        "--sign-ins-per-address",
        "--registrations-per-address",
    ] {
        if !args.contains(&limit) {
            all.extend([limit, "1000000/s"]);
        }
    }
    all.extend(args);
    Options::parse_from(all).accounts
}

pub(super) fn key_settings(seal: Seal) -> KeySettings {
    let age = Duration::from_secs(30 * 86_400);
    KeySettings { age, issuer: "orderline".into(), seal }
}

/// One instance's way to the database.
pub(super) async fn store_on(url: &str, clock: &Clock) -> Store {
    let schemas = Schemas::in_memory();
    Publishes::register(&schemas).await.unwrap();
    let emitter = Emitter { clock: clock.clone(), ..Emitter::new("user", schemas) };
    let store = Store::new(Database::connect_as("user", url).await.unwrap(), emitter);
    store.migrate(store::MIGRATIONS).await.unwrap();
    store
}

impl World {
    pub(super) async fn open(on: Kind) -> Self {
        Self::open_with(on, &[], cheap(1)).await
    }

    pub(super) async fn open_with(on: Kind, args: &[&str], passwords: Passwords) -> Self {
        let clock = Clock::manual(NOW);
        let around = world::World::open_at(clock.clone(), on, "user", store::MIGRATIONS);
        let around = around.await.unwrap();
        let schemas = &around.store.emitter().schemas;
        Publishes::register(schemas).await.unwrap();
        type Orders = (OrderPlaced, OrderReserved, OrderCompleted, OrderRejected, OrderCancelled);
        Orders::register(schemas).await.unwrap();
        <(NotificationSent, NotificationFailed)>::register(schemas).await.unwrap();
        let group = reactions(around.group(GROUP), around.store.clone());
        around.runs(group.run(around.stop.clone()));
        let first = Instance::new(around.store.clone(), args, passwords).await;
        World { around, first, clock }
    }

    /// Another instance on the same database.
    pub(super) async fn another(&self, passwords: Passwords) -> Instance {
        let store = store_on(self.around.database(), &self.clock).await;
        Instance::new(store, &[], passwords).await
    }

    pub(super) fn later(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// For looking into the tables.
    pub(super) fn reader(&self) -> &sqlx::AnyPool {
        self.around.store.reader()
    }

    /// Sends an event as another service would, and waits until it is handled.
    pub(super) async fn tell<E: Event>(&self, event: &E) {
        self.around.tell(GROUP, event).await;
    }

    /// Waits until a user has so many records on the topic, and says which.
    pub(super) async fn story(&self, user_id: Uuid, records: usize) -> Vec<String> {
        self.around.story(UserRegistered::TOPIC, &user_id.to_string(), records).await
    }

    pub(super) fn sent<E: Event>(&self) -> Vec<E> {
        self.around.sent()
    }

    /// The payload of the last record on the topic `users`.
    pub(super) fn last_payload(&self) -> Option<Vec<u8>> {
        let records = self.around.log.broker().records(UserRegistered::TOPIC);
        records.last().unwrap().record.payload.clone()
    }

    pub(super) fn dead(&self) -> Vec<String> {
        self.around.dead(GROUP)
    }
}

impl Instance {
    async fn new(store: Store, args: &[&str], passwords: Passwords) -> Self {
        let clock = store.emitter().clock.clone();
        let keys = Keys::load(store.clone(), key_settings(Seal::none())).await.unwrap();
        let callers = Callers::by(KeysFrom::Held(jwks_of(Arc::new(OnceLock::from(keys.clone())))));
        let app = App::new(store, keys, passwords, Counted::default(), &settings(args));
        let tokens = Tokens::new(&callers, clock).unwrap();
        let routes = guarded(answers(app.clone()), Arc::new(tokens)).unwrap();
        Instance { app, client: Client::new(routes) }
    }

    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        session: Option<&Session>,
        body: Value,
    ) -> Answer {
        let mut asking = self.client.ask(method, path);
        if let Some(session) = session {
            asking = asking.by(&session.access);
        }
        if body != Value::Null {
            asking = asking.json(&body);
        }
        asking.send().await
    }

    pub(super) async fn get(&self, path: &str, session: &Session) -> Answer {
        self.ask("GET", path, Some(session), Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.ask("POST", path, None, body).await
    }

    /// Makes an account, with [`PASSWORD`].
    pub(super) async fn register(&self, email: &str) -> Uuid {
        let body = json!({ "email": email, "password": PASSWORD, "name": "Ada" });
        let answer = self.post("/users", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        id(&answer.body["user_id"])
    }

    pub(super) async fn try_to_sign_in(&self, email: &str, password: &str) -> Answer {
        self.post("/sessions", json!({ "email": email, "password": password })).await
    }

    /// From this address.
    pub(super) async fn try_from(&self, address: &str, email: &str, password: &str) -> Answer {
        let body = json!({ "email": email, "password": password });
        self.client.post("/sessions").from(address.parse().unwrap()).json(&body).send().await
    }

    pub(super) async fn sign_in(&self, email: &str) -> Session {
        session(&self.try_to_sign_in(email, PASSWORD).await)
    }

    /// A customer who is signed in.
    pub(super) async fn customer(&self, email: &str) -> (Uuid, Session) {
        (self.register(email).await, self.sign_in(email).await)
    }

    /// The admin of the setting, signed in.
    pub(super) async fn admin(&self) -> Session {
        self.ensure_admin(ADMIN, PASSWORD).await.unwrap();
        self.sign_in(ADMIN).await
    }

    pub(super) async fn ensure_admin(&self, email: &str, password: &str) -> anyhow::Result<()> {
        let admin = FirstAdmin { email: email.into(), password: Secret::from(password) };
        admin::ensure(&self.app, &admin).await
    }

    pub(super) async fn give_role(&self, by: &Session, user_id: Uuid, role: &str) -> Answer {
        let path = format!("/users/{user_id}/role");
        self.ask("PUT", &path, Some(by), json!({ "role": role })).await
    }

    pub(super) async fn refresh(&self, session: &Session) -> Answer {
        self.post("/sessions/refresh", json!({ "refresh_token": session.refresh })).await
    }

    /// Whether the session goes on: by its access token, so that the refresh token is not used up.
    pub(super) async fn is_signed_in(&self, session: &Session) -> bool {
        let status = self.get("/users/me", session).await.status;
        assert!([200, 401].contains(&status.as_u16()), "{status}");
        status == StatusCode::OK
    }
}

pub(super) fn id(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

pub(super) fn session(answer: &Answer) -> Session {
    assert!(answer.status.is_success(), "{} {}", answer.status, answer.body);
    let text = |field: &str| answer.body[field].as_str().unwrap().to_owned();
    Session { access: text("access_token"), refresh: text("refresh_token") }
}

/// What a token says: its header and its claims.
pub(super) fn read(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut json = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (json(), json())
}
