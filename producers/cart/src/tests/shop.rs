use std::sync::Arc;

use clap::Parser;
use serde_json::{Value, json};
use shop_events::{
    ProductDelisted, ProductListed, ProductRepriced, ProductRestocked, ProductState, StockCause,
    StockLevelChanged, UserProfileChanged, UserRegistered, UserRole, UserRoleChanged,
};
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, FirstReading, Published};
use shop_testkit::access::Who;
use shop_testkit::client::{Answer, Client};
use shop_testkit::database::Kind;
use shop_testkit::tokens::Issuer;
use shop_testkit::world::World;
use uuid::Uuid;

use crate::http::App;
use crate::{CartSettings, GROUP, Publishes, answers, reactions, store};

pub(super) struct Shop {
    pub(super) world: World,
    pub(super) client: Client,
    pub(super) issuer: Issuer,
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    carts: CartSettings,
}

type Read = (ProductListed, ProductRepriced, ProductDelisted, ProductRestocked, StockLevelChanged);
type ReadOfUsers = (UserRegistered, UserProfileChanged, UserRoleChanged);

impl Shop {
    /// TEA at 2.50 and POT at 9.00, ten of each, and nobody is refused for coming often.
    pub(super) async fn open(on: Kind) -> Self {
        Self::open_with(on, &["--checkouts-per-account", "1000000/s"]).await
    }

    pub(super) async fn open_with(on: Kind, args: &[&str]) -> Self {
        let world = World::open(on, "cart", store::MIGRATIONS).await.unwrap();
        let schemas = &world.store.emitter().schemas;
        Publishes::register(schemas).await.unwrap();
        Read::register(schemas).await.unwrap();
        ReadOfUsers::register(schemas).await.unwrap();
        world.runs(reactions(world.group(GROUP), world.store.clone()).run(world.stop.clone()));
        let issuer = Issuer::new().unwrap();
        let callers = Callers::by(KeysFrom::File(issuer.jwks_file().into()));
        let tokens = Tokens::new(&callers, world.store.emitter().clock.clone()).unwrap();
        let settings = Options::parse_from(std::iter::once(&"cart").chain(args)).carts;
        let routes = answers(App::new(world.store.clone(), FirstReading::over(), &settings));
        let client = Client::new(guarded(routes, Arc::new(tokens)).unwrap());
        let shop = Shop { world, client, issuer };
        for (sku, price) in [("TEA", 250), ("POT", 900)] {
            shop.product(sku, price, 1, |_| {}).await;
            shop.level(sku, 10, 1).await;
        }
        shop
    }

    pub(super) fn token(&self, who: Who) -> String {
        who.token(&self.issuer).unwrap()
    }

    pub(super) async fn product(
        &self,
        sku: &str,
        price: i64,
        version: i64,
        spoil: impl FnOnce(&mut ProductState),
    ) {
        let mut state = ProductState {
            product_id: sku.into(),
            name: format!("the {sku}"),
            description: String::new(),
            price,
            currency: "EUR".into(),
            listed: true,
            restocked_total: 10,
            version,
            updated_at: 1,
        };
        spoil(&mut state);
        self.world.tell(GROUP, &state.as_listed()).await;
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

    pub(super) async fn user(&self, who: Who, email: &str, version: i64) {
        let user = UserRegistered {
            user_id: id(who),
            email: email.into(),
            name: Some("Ada".into()),
            role: UserRole::Customer,
            locale: "en".into(),
            email_enabled: true,
            push_enabled: false,
            push_tokens: Vec::new(),
            version,
            registered_at: 1,
            updated_at: 1,
        };
        self.world.tell(GROUP, &user).await;
    }

    pub(super) async fn view(&self, who: Who) -> Value {
        let answer = self.client.get("/cart").by(&self.token(who)).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    pub(super) async fn put(&self, who: Who, sku: &str, quantity: i64) -> Answer {
        let asking = self.client.put(&format!("/cart/lines/{sku}")).by(&self.token(who));
        asking.json(&json!({ "quantity": quantity })).send().await
    }

    /// Puts two TEA into the owner's cart.
    pub(super) async fn two_tea(&self) {
        assert_eq!(self.put(Who::Owner, "TEA", 2).await.status, 200);
    }

    pub(super) async fn check_out(&self, who: Who, key: &str, body: Value) -> Answer {
        let asking = self.client.post("/cart/checkout").by(&self.token(who)).key(key);
        asking.json(&body).send().await
    }
}

pub(super) fn id(who: Who) -> Uuid {
    who.user_id().unwrap().parse().unwrap()
}
