//! The three consumers one writes: stock in a database, an e-mail, a plain log line.
//!
//! Needs a broker, a registry and the topics `orders`, `reservations`, `mails` and
//! `dead-letter.{stock,mail,log}`: `cargo run -p pipeline --example three_consumers`.

use pipeline::transport::kafka::Kafka;
use pipeline::{
    Call, Database, Effect, Emit, Emitter, Event, Failure, Group, Migration, Plain, Received,
    RegistrySettings, Relay, Runtime, Schemas, Store, Transactional, Tx,
};
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: String,
    item: String,
    email: String,
}

impl Event for OrderPlaced {
    const TYPE: &'static str = "example.OrderPlaced";
    const TOPIC: &'static str = "orders";
    const SCHEMA: &'static str = r#"{"type":"record","name":"OrderPlaced","namespace":"example","fields":[
        {"name":"order_id","type":"string"},{"name":"item","type":"string"},{"name":"email","type":"string"}]}"#;

    fn key(&self) -> String {
        self.order_id.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct StockReserved {
    order_id: String,
}

impl Event for StockReserved {
    const TYPE: &'static str = "example.StockReserved";
    const TOPIC: &'static str = "reservations";
    const SCHEMA: &'static str = r#"{"type":"record","name":"StockReserved","namespace":"example","fields":[
        {"name":"order_id","type":"string"}]}"#;

    fn key(&self) -> String {
        self.order_id.clone()
    }
}

#[derive(Serialize, Deserialize)]
struct MailSent {
    order_id: String,
}

impl Event for MailSent {
    const TYPE: &'static str = "example.MailSent";
    const TOPIC: &'static str = "mails";
    const SCHEMA: &'static str = r#"{"type":"record","name":"MailSent","namespace":"example","fields":[
        {"name":"order_id","type":"string"}]}"#;

    fn key(&self) -> String {
        self.order_id.clone()
    }
}

struct ReserveStock;

impl Transactional for ReserveStock {
    type Event = OrderPlaced;
    type Context = ();

    async fn handle(order: &Received<OrderPlaced>, tx: &mut Tx, (): &()) -> Result<(), Failure> {
        let taken = sqlx::query("UPDATE stock SET free = free - 1 WHERE item = $1 AND free > 0")
            .bind(&order.item)
            .execute(tx.conn())
            .await?;
        if taken.rows_affected() == 0 {
            return Err(Failure::reject(format!("no {} is left", order.item)));
        }
        tx.emit(&StockReserved { order_id: order.order_id.clone() })?;
        Ok(())
    }
}

#[derive(Clone)]
struct Mailer;

impl Mailer {
    /// A real one gives the key to its provider, which then knows a repeat.
    fn send(&self, to: &str, key: &str) -> Result<(), Failure> {
        println!("to {to}, under {key}: thank you");
        Ok(())
    }
}

struct MailCustomer;

impl Effect for MailCustomer {
    type Event = OrderPlaced;
    type Context = Mailer;

    async fn perform(
        order: &Received<OrderPlaced>,
        call: &Call,
        mailer: &Mailer,
    ) -> Result<Emit, Failure> {
        mailer.send(&order.email, call.idempotency_key())?;
        Ok(Emit::none().and(&MailSent { order_id: order.order_id.clone() }, call)?)
    }
}

struct LogOrder;

impl Plain for LogOrder {
    type Event = OrderPlaced;
    type Context = ();

    async fn handle(order: &Received<OrderPlaced>, (): &()) -> Result<(), Failure> {
        println!("{} placed at {}[{}]", order.order_id, order.meta.topic, order.meta.partition);
        Ok(())
    }
}

const TABLES: Migration = Migration {
    name: "example/0001",
    sql: "CREATE TABLE stock (item TEXT PRIMARY KEY, free BIGINT NOT NULL);\n",
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let registry = RegistrySettings::new(vec!["http://127.0.0.1:8081".into()]);
    let schemas = Schemas::connect(&registry)?;
    schemas.register::<StockReserved>().await?;
    schemas.register::<MailSent>().await?;
    let database = Database::connect("sqlite:example.db").await?;
    let store = Store::new(database, Emitter::new("example", schemas.clone()));
    store.migrate(&[TABLES]).await?;

    let mut metrics = prometheus_client::registry::Registry::default();
    let kafka = Kafka::new("127.0.0.1:9092", "example");
    let runtime = Runtime::new(kafka, schemas, "example 0.1.0", &mut metrics)?;
    let stop = CancellationToken::new();
    let relay = Relay::new(store.clone(), runtime.sink());

    let stock = Group::new("stock", &runtime).transactional(store.clone(), ()).on::<ReserveStock>();
    let mail = Group::new("mail", &runtime).effects(store, Mailer).on::<MailCustomer>();
    let log = Group::new("log", &runtime).plain(()).on::<LogOrder>();
    let until = stop.clone();
    let groups = async {
        tokio::try_join!(stock.run(until.clone()), mail.run(until.clone()), log.run(until.clone()))
    };
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
        stop.cancel();
    };
    let (ended, (), ()) = tokio::join!(groups, relay.run(stop.clone()), interrupted);
    ended?;
    Ok(())
}
