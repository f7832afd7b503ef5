use std::sync::Arc;

use serde_json::{Value, json};
use shop_events::{ProductState, StockCause, StockLevelChanged};
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, Published};
use shop_testkit::access::Who;
use shop_testkit::client::{Answer, Client};
use shop_testkit::database::Kind;
use shop_testkit::tokens::Issuer;
use shop_testkit::world::World;

use crate::http::App;
use crate::{GROUP, Publishes, answers, reactions, store};

pub(super) struct Shop {
    pub(super) world: World,
    pub(super) client: Client,
    pub(super) issuer: Issuer,
}

impl Shop {
    pub(super) async fn open(on: Kind) -> Self {
        let world = World::open(on, "product", store::MIGRATIONS).await.unwrap();
        Publishes::register(&world.store.emitter().schemas).await.unwrap();
        world.knows::<StockLevelChanged>().await.unwrap();
        world.runs(reactions(world.group(GROUP), world.store.clone()).run(world.stop.clone()));
        let issuer = Issuer::new().unwrap();
        let callers = Callers::by(KeysFrom::File(issuer.jwks_file().into()));
        let tokens = Tokens::new(&callers, world.store.emitter().clock.clone()).unwrap();
        let routes = answers(App::new(world.store.clone()));
        let client = Client::new(guarded(routes, Arc::new(tokens)).unwrap());
        Shop { world, client, issuer }
    }

    pub(super) fn token(&self, who: Who) -> String {
        who.token(&self.issuer).unwrap()
    }

    /// Asked by staff.
    pub(super) async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        let asking = self.client.post(path).by(&self.token(Who::Staff)).key(key);
        asking.json(&body).send().await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.client.get(path).send().await
    }

    /// Lists a product at this price.
    pub(super) async fn list(&self, sku: &str, name: &str, price: i64) -> Answer {
        let answer = self.post("/products", "-", listing(sku, name, price)).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        answer
    }

    pub(super) async fn restock(&self, sku: &str, key: &str, quantity: i64) -> Answer {
        let path = format!("/products/{sku}/restock");
        self.post(&path, key, json!({ "quantity": quantity })).await
    }

    /// Waits until a product has so many records, and the service has read them all.
    pub(super) async fn story(&self, sku: &str, records: usize) -> Vec<String> {
        self.world.story("products", sku, records).await;
        self.world.until(|| self.world.log.broker().lag(GROUP, "products") == 0).await;
        self.world.story("products", sku, records).await
    }

    pub(super) async fn level(&self, sku: &str, available: i64, version: i64) {
        let level = StockLevelChanged {
            product_id: sku.into(),
            on_hand: available,
            reserved: 0,
            available,
            sold: 0,
            restocked_total: available,
            version,
            cause: StockCause::Restocked,
            order_id: None,
            changed_at: 1,
        };
        self.world.tell(GROUP, &level).await;
    }
}

pub(super) fn listing(sku: &str, name: &str, price: i64) -> Value {
    json!({ "sku": sku, "name": name, "price": price, "currency": "EUR" })
}

/// As another program has it.
pub(super) fn state(sku: &str, price: i64, restocked_total: i64, version: i64) -> ProductState {
    ProductState {
        product_id: sku.into(),
        name: "Tea".into(),
        description: String::new(),
        price,
        currency: "EUR".into(),
        listed: true,
        restocked_total,
        version,
        updated_at: 1,
    }
}
