use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use pipeline::transport::Transport;
use pipeline::transport::memory::Memory;
use pipeline::{
    Cause, Clock, Database, Emitter, Event, Group, Outgoing, Relay, Runtime, Schemas, Settings,
    Store,
};
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use shop_events::{
    CartCheckedOut, CartLine, NotificationFailed, NotificationSent, PaymentCaptured,
    PaymentDeclined, PaymentRefunded, ProductListed, ReservedLine, Shortage, StockRejected,
    StockReserved,
};
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, FirstReading, Published};
use shop_testkit::database::{Fresh, Kind};
use shop_testkit::log;
use shop_testkit::tokens::Issuer;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use uuid::Uuid;

use crate::changes::Changes;
use crate::expiry::Expiry;
use crate::http::App;
use crate::{ANSWERS, GROUP, Limits, Publishes, answers, reactions, store};

const PATIENCE: Duration = Duration::from_secs(120);

pub(super) struct Shop {
    pub(super) routes: Router,
    pub(super) issuer: Issuer,
    pub(super) stop: CancellationToken,
    pub(super) log: Memory,
    store: Store,
    changes: Changes,
    runtime: Runtime<Memory>,
    reading: Mutex<(CancellationToken, JoinHandle<()>)>,
    _database: Fresh,
}

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) location: Option<String>,
    pub(super) body: Value,
}

impl Shop {
    pub(super) async fn open(on: Kind) -> Self {
        Self::open_limited(on, "1000/s", "1000/s").await
    }

    /// One that has not read the products yet.
    pub(super) async fn open_early(on: Kind) -> Self {
        Self::open_with(Clock::system(), on, ["1000/s"; 2], FirstReading::default()).await
    }

    /// With limits for an account and for an address.
    pub(super) async fn open_limited(on: Kind, per_account: &str, per_address: &str) -> Self {
        Self::open_with(Clock::system(), on, [per_account, per_address], FirstReading::over()).await
    }

    /// With this clock for how long tokens are good.
    pub(super) async fn open_by(clock: Clock, on: Kind) -> Self {
        Self::open_with(clock, on, ["1000/s"; 2], FirstReading::over()).await
    }

    async fn open_with(clock: Clock, on: Kind, limits: [&str; 2], catalogue: FirstReading) -> Self {
        let database = on.fresh().await.unwrap();
        let schemas = Schemas::in_memory();
        Publishes::register(&schemas).await.unwrap();
        <(CartCheckedOut, StockReserved, StockRejected, ProductListed)>::register(&schemas)
            .await
            .unwrap();
        <(PaymentCaptured, PaymentDeclined, PaymentRefunded)>::register(&schemas).await.unwrap();
        <(NotificationSent, NotificationFailed)>::register(&schemas).await.unwrap();
        let emitter = Emitter::new("order", schemas.clone());
        let connected = Database::connect_as("order", database.url()).await.unwrap();
        let store = Store::new(connected, emitter);
        store.migrate(store::MIGRATIONS).await.unwrap();

        let log = Memory::new(3);
        let runtime =
            Runtime::new(log.clone(), schemas, "order test", &mut Registry::default()).unwrap();
        let (stop, changes) = (CancellationToken::new(), Changes::default());
        let relay = Relay::new(store.clone(), runtime.sink());
        let until = stop.clone();
        tokio::spawn(async move { relay.run(until).await });
        let reading = Mutex::new(read(&runtime, &store, &changes, &stop));
        let [orders_per_account, orders_per_address] = limits.map(|rate| rate.parse().unwrap());
        let limits = Limits { orders_per_account, orders_per_address };
        let app = App::new(store.clone(), catalogue, changes.clone(), stop.clone(), &limits);
        let routes = answers(app);
        let issuer = Issuer::new().unwrap();
        let callers = Callers::by(KeysFrom::File(issuer.jwks_file().into()));
        let tokens = Tokens::new(&callers, clock).unwrap();
        let routes = guarded(routes, Arc::new(tokens)).unwrap();
        let shop = Shop {
            routes,
            issuer,
            stop,
            log,
            store,
            changes,
            runtime,
            reading,
            _database: database,
        };
        shop.list("TEA", 250, true, 1).await;
        shop.list("FREE", 0, true, 1).await;
        shop
    }

    /// Sends an event as another service would, and waits until it is handled.
    pub(super) async fn tell<E: Event>(&self, event: &E) {
        let (_, record) = self.store.emitter().record(event, &Cause::default()).unwrap();
        self.tell_record(record).await;
    }

    pub(super) async fn tell_record(&self, record: Outgoing) {
        let topic = record.topic.clone();
        self.log.sink().unwrap().send(vec![record]).await.unwrap();
        self.until(|| self.log.broker().lag(GROUP, &topic) == 0).await;
    }

    /// Its group leaves, and what is sent from now on lies unread.
    pub(super) async fn stop_reading(&self) {
        let ended = {
            let mut reading = self.reading.lock().unwrap();
            reading.0.cancel();
            std::mem::replace(&mut reading.1, tokio::spawn(async {}))
        };
        ended.await.unwrap();
    }

    pub(super) fn read_on(&self) {
        let again = read(&self.runtime, &self.store, &self.changes, &self.stop);
        *self.reading.lock().unwrap() = again;
    }

    /// Sends an event as another service would, and does not wait.
    pub(super) async fn send<E: Event>(&self, event: &E) {
        self.log.sink().unwrap().send(vec![self.record(event)]).await.unwrap();
    }

    pub(super) fn record<E: Event>(&self, event: &E) -> Outgoing {
        self.store.emitter().record(event, &Cause::default()).unwrap().1
    }

    pub(super) async fn until(&self, holds: impl Fn() -> bool) {
        let wait = async {
            while !holds() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("it never came to that");
    }

    /// Waits until an order has so many records on the topic `orders`, and says which.
    pub(super) async fn story(&self, order_id: Uuid, records: usize) -> Vec<String> {
        let key = order_id.to_string().into_bytes();
        let of_order = || -> Vec<String> {
            let all = self.log.broker().records("orders");
            all.iter()
                .filter(|r| r.record.key.as_ref() == Some(&key))
                .map(|r| log::type_of(&r.record))
                .collect()
        };
        self.until(|| of_order().len() >= records).await;
        of_order()
    }

    /// The events of one type on its topic.
    pub(super) fn sent<E: Event>(&self) -> Vec<E> {
        log::sent(&self.log, &self.store.emitter().schemas)
    }

    pub(super) async fn list(&self, sku: &str, price: i64, listed: bool, version: i64) {
        self.tell(&ProductListed {
            product_id: sku.into(),
            name: format!("the {sku}"),
            description: String::new(),
            price,
            currency: "EUR".into(),
            listed,
            restocked_total: 10,
            version,
            updated_at: 1,
        })
        .await;
    }

    pub(super) async fn reserve(&self, order_id: Uuid) {
        let lines = vec![ReservedLine { product_id: "TEA".into(), quantity: 1 }];
        self.tell(&StockReserved { order_id, lines, reserved_at: 1 }).await;
    }

    /// The money for an order that costs 500.
    pub(super) async fn pay(&self, order_id: Uuid) {
        self.tell(&PaymentCaptured {
            payment_id: Uuid::from_u128(77),
            order_id,
            user_id: Uuid::from_u128(7),
            amount: 500,
            currency: "EUR".into(),
            provider: "sandbox".into(),
            provider_ref: None,
            captured_at: 1,
        })
        .await;
    }

    /// Another instance's, so much later, with a life of 15 minutes for an order.
    pub(super) fn expiry(&self, later: Duration) -> Expiry<Memory> {
        let clock = Clock::manual(self.store.now_micros());
        clock.advance(later);
        let emitter = Emitter { clock, ..self.store.emitter().clone() };
        let store = Store::new(self.store.database().clone(), emitter);
        let horizon = self.runtime.horizon(GROUP, &ANSWERS);
        Expiry::new(store, horizon, Changes::default(), Duration::from_secs(900))
    }

    /// Waits until all is sent, also what another instance has left in the outbox: on SQLite this
    /// one's relay does not know of that before its own next commit.
    pub(super) async fn flush(&self) {
        let key = self.store.emitter().random.uuid_v7(self.store.now_micros());
        self.place(99, &key.to_string()).await;
        let relay = Relay::new(self.store.clone(), self.log.sink().unwrap());
        let sent = async {
            while relay.waiting().await.unwrap() > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, sent).await.expect("all is sent");
    }

    pub(super) async fn refuse(&self, order_id: Uuid) {
        let shortages = vec![Shortage { product_id: "TEA".into(), requested: 2, available: 1 }];
        self.tell(&StockRejected { order_id, shortages, detail: None, rejected_at: 1 }).await;
    }

    /// As the customer 7, unless the request says who it is from.
    pub(super) async fn ask(&self, mut request: Request<Body>) -> Answer {
        if !request.headers().contains_key("authorization") {
            let value = self.bearer(&customer(7), "customer").parse().unwrap();
            request.headers_mut().insert("authorization", value);
        }
        self.ask_as_it_is(request).await
    }

    pub(super) fn bearer(&self, user_id: &str, role: &str) -> String {
        format!("Bearer {}", self.issuer.token(user_id, role))
    }

    pub(super) async fn ask_as_it_is(&self, request: Request<Body>) -> Answer {
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response.headers().get("location").map(|l| l.to_str().unwrap().to_owned());
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Answer { status, location, body }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        self.post_as(7, path, key, body).await
    }

    pub(super) async fn post_as(&self, user: u128, path: &str, key: &str, body: Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", self.bearer(&customer(user), "customer"))
            .header("content-type", "application/json")
            .header("idempotency-key", key);
        self.ask(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// Places an order over HTTP.
    pub(super) async fn place(&self, user: u128, key: &str) -> Uuid {
        let answer = self.post_as(user, "/orders", key, order_of("TEA", 2)).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.body);
        answer.body["order_id"].as_str().unwrap().parse().unwrap()
    }

    pub(super) async fn cancel(&self, order_id: Uuid) -> StatusCode {
        self.post(&format!("/orders/{order_id}/cancel"), "-", Value::Null).await.status
    }

    pub(super) async fn state(&self, order_id: Uuid) -> String {
        let answer = self.get(&format!("/orders/{order_id}")).await;
        answer.body["state"].as_str().unwrap().to_owned()
    }
}

/// The service's group: its stop, and its task.
fn read(
    runtime: &Runtime<Memory>,
    store: &Store,
    changes: &Changes,
    stop: &CancellationToken,
) -> (CancellationToken, JoinHandle<()>) {
    let often = Settings { commit_every: Duration::from_millis(10), ..Settings::default() };
    let group = Group::new(GROUP, runtime).settings(often);
    let stop = stop.child_token();
    let group = reactions(group, store.clone(), changes.clone()).run(stop.clone());
    (stop, tokio::spawn(async move { group.await.unwrap() }))
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

pub(super) fn customer(user: u128) -> String {
    Uuid::from_u128(user).to_string()
}

pub(super) fn order_of(sku: &str, quantity: i64) -> Value {
    json!({
        "email": "ada@example.com",
        "name": "Ada",
        "currency": "EUR",
        "lines": [{ "sku": sku, "quantity": quantity }],
    })
}

/// A cart of a channel, its prices not the shop's.
pub(super) fn cart(checkout: u128, order_ref: &str) -> CartCheckedOut {
    let line = CartLine {
        product_id: "TEA".into(),
        name: None,
        quantity: 3,
        unit_price: None,
        line_total: 100,
    };
    CartCheckedOut {
        checkout_id: Uuid::from_u128(checkout),
        user_id: Uuid::from_u128(7),
        email: None,
        name: None,
        channel: "fair".into(),
        order_ref: Some(order_ref.into()),
        cart_id: None,
        lines: vec![line],
        total: 100,
        currency: "EUR".into(),
        payment_method: None,
        checked_out_at: 1_700_000_000_000_000,
    }
}
