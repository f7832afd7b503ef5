//! The service's handlers, rounds and routes, with a sandbox that takes the payments.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use clap::Parser;
use payment_sandbox::{Ledger, Sandbox};
use pipeline::transport::Sink;
use pipeline::transport::memory::Memory;
use pipeline::{
    Backoff, Cause, Clock, Database, Emitter, Event, Group, Outgoing, Relay, Runtime, Schemas,
    Settings, Store,
};
use prometheus_client::registry::Registry;
use serde_json::Value;
use shop_events::*;
use shop_service::auth::{KeysFrom, Tokens, guarded};
use shop_service::{Callers, Published as _};
use shop_testkit::database::{Fresh, Kind};
use shop_testkit::tokens::Issuer;
use shop_testkit::{log, wait};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::made::AT;
use crate::cashier::Cashier;
use crate::http::App;
use crate::metrics::Metrics;
use crate::provider::{Provider, Stripe};
use crate::settings::ProviderSettings;
use crate::{GROUP, Published, answers, handlers_of, ledger};

pub(super) const SOON: Duration = Duration::from_secs(60);

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    provider: ProviderSettings,
}

pub(super) fn options(args: &[&str]) -> ProviderSettings {
    Options::parse_from(std::iter::once(&"payment").chain(args)).provider
}

pub(super) struct Payments {
    pub(super) memory: Memory,
    runtime: Runtime<Memory>,
    others: Emitter,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) cashier: Cashier,
    pub(super) routes: Router,
    pub(super) issuer: Issuer,
    pub(super) metrics: Registry,
    running: Option<DropGuard>,
    database: Fresh,
}

impl Payments {
    /// With this provider; not reading yet: `join` starts that.
    pub(super) async fn with(
        on: Kind,
        clock: Clock,
        provider: Arc<dyn Provider>,
        settings: &ProviderSettings,
    ) -> Self {
        let database = on.fresh().await.expect("a database");
        let schemas = Schemas::in_memory();
        Published::register(&schemas).await.expect("registers");
        <(OrderReserved, OrderCancelled, OrderRejected)>::register(&schemas).await.expect("does");
        let memory = Memory::new(3);
        let mut metrics = Registry::default();
        let runtime = Runtime::new(memory.clone(), schemas.clone(), "test", &mut metrics);
        let runtime = runtime.expect("the log in memory is there");
        let emitter = Emitter { clock: clock.clone(), ..Emitter::new("payment", schemas.clone()) };
        let connected = Database::connect_as("payment", database.url()).await.expect("connects");
        let store = Store::new(connected, emitter);
        store.migrate(ledger::MIGRATIONS).await.expect("migrates");
        let relay = Relay::new(store.clone(), runtime.sink());
        tokio::spawn(async move { relay.run(CancellationToken::new()).await });
        let own = Metrics::new(&mut metrics);
        let cashier = Cashier::new(store.clone(), provider, own, settings);
        let issuer = Issuer::new().expect("a key");
        let callers = Callers::by(KeysFrom::File(issuer.jwks_file().into()));
        let tokens = Tokens::new(&callers, clock.clone()).expect("reads the key");
        let routes = guarded(answers(App::new(cashier.clone(), settings)), Arc::new(tokens));
        Payments {
            memory,
            runtime,
            others: Emitter::new("order", schemas),
            store,
            clock,
            cashier,
            routes: routes.expect("each says who may call it"),
            issuer,
            metrics,
            running: None,
            database,
        }
    }

    /// Reads, and charges.
    pub(super) fn join(&mut self) {
        let settings = Settings {
            commit_every: Duration::from_millis(20),
            retry: Backoff {
                first: Duration::from_millis(20),
                longest: Duration::from_millis(200),
                tries: 10,
            },
            ..Default::default()
        };
        let group = Group::new(GROUP, &self.runtime).settings(settings);
        let stop = CancellationToken::new();
        let handlers = handlers_of(group, self.store.clone(), self.cashier.clone());
        tokio::spawn(handlers.run(stop.clone()));
        self.running = Some(stop.drop_guard());
    }

    /// An event as it goes to its topic, to be sent once or more often.
    pub(super) fn record<E: Event>(&self, event: &E) -> Outgoing {
        self.others.record(event, &Cause::default()).expect("encodes").1
    }

    pub(super) async fn send(&self, record: Outgoing) {
        self.memory.broker().send(vec![record]).await.expect("is there");
    }

    pub(super) async fn publish<E: Event>(&self, event: &E) {
        self.send(self.record(event)).await;
    }

    /// Waits until everything published is handled and committed, and the answers are out.
    pub(super) async fn settled(&self) {
        let relay = Relay::new(self.store.clone(), self.runtime.sink());
        let broker = self.memory.broker();
        let done = async || {
            broker.lag(GROUP, "orders") == 0 && relay.waiting().await.is_ok_and(|n| n == 0)
        };
        wait::until(SOON, done).await.expect("all is handled");
    }

    /// Sends what a process has left that died, as the next one does when it starts.
    pub(super) async fn flush(&self) {
        let (relay, done) =
            (Relay::new(self.store.clone(), self.runtime.sink()), CancellationToken::new());
        done.cancel();
        relay.run(done).await;
    }

    /// A database pool of its own, as another instance has.
    pub(super) async fn another_store(&self) -> Store {
        let connected = Database::connect_as("payment", self.database.url()).await;
        Store::new(connected.expect("connects"), self.store.emitter().clone())
    }

    /// Waits until the group stands still because something is away.
    pub(super) async fn stopped(&self) -> String {
        let trouble = async || {
            let groups = self.runtime.groups();
            groups.iter().find_map(|g| g.trouble()).filter(|why| why.contains("stopped"))
        };
        wait::some(SOON, trouble).await.expect("stops")
    }

    /// What was published of a type, each event once however often it was sent.
    pub(super) fn told<E: Event>(&self) -> Vec<E> {
        log::told(&self.memory, self.runtime.schemas())
    }

    pub(super) fn dead_letters(&self) -> Vec<String> {
        log::dead(&self.memory, GROUP)
    }

    /// A metric as it stands in `/metrics`.
    pub(super) fn metric(&self, line: &str) -> f64 {
        let mut text = String::new();
        prometheus_client::encoding::text::encode(&mut text, &self.metrics).expect("text");
        let found = text.lines().find_map(|l| l.strip_prefix(line)?.trim().parse().ok());
        found.unwrap_or_else(|| panic!("no {line} in {text}"))
    }
}

/// The same with a sandbox.
pub(super) struct InSandbox {
    pub(super) payments: Payments,
    pub(super) books: Ledger,
    settings: payment_sandbox::Settings,
    serving: Option<DropGuard>,
}

pub(super) fn sandbox() -> payment_sandbox::Settings {
    payment_sandbox::Settings {
        slow_ms: 100,
        ..payment_sandbox::Settings::at(&format!("127.0.0.1:{}", shop_testkit::ports::free()))
    }
}

impl InSandbox {
    pub(super) async fn start(on: Kind) -> Self {
        Self::with(on, sandbox(), &[]).await
    }

    pub(super) async fn with(on: Kind, settings: payment_sandbox::Settings, args: &[&str]) -> Self {
        let clock = Clock::manual(AT);
        let url = format!("http://{}", settings.listen).parse().expect("a URL");
        let own = options(args).in_sandbox(url);
        let provider = Arc::new(Stripe::new(&own).expect("can be made"));
        let payments = Payments::with(on, clock.clone(), provider, &own).await;
        let (books, serving) = serve(&settings, clock).await;
        let mut world = InSandbox { payments, books, settings, serving: Some(serving) };
        world.payments.join();
        world
    }

    /// The sandbox is gone; its books too, unless they are kept in a file.
    pub(super) async fn away(&mut self) {
        self.serving = None;
        let address = self.settings.listen.clone();
        let gone = async || tokio::net::TcpStream::connect(&address).await.is_err();
        wait::until(SOON, gone).await.expect("is gone");
    }

    pub(super) async fn back(&mut self) {
        let (books, serving) = serve(&self.settings, self.payments.clock.clone()).await;
        (self.books, self.serving) = (books, Some(serving));
    }

    /// The sandbox's books of an order: how often it was charged, taken and given back.
    pub(super) fn books_of(&self, order: u128) -> (i64, i64, i64) {
        let id = uuid::Uuid::from_u128(order).to_string();
        let books = self.books.read();
        let payments = books["payments"].as_array().cloned().unwrap_or_default();
        let of_order: Vec<&Value> = payments.iter().filter(|p| p["order_id"] == id).collect();
        let sum = |name: &str| of_order.iter().filter_map(|p| p[name].as_i64()).sum();
        (sum("charges"), sum("taken"), sum("given_back"))
    }
}

async fn serve(settings: &payment_sandbox::Settings, clock: Clock) -> (Ledger, DropGuard) {
    let sandbox = Sandbox::open(settings, clock).await.expect("opens");
    let (books, stop) = (sandbox.ledger(), CancellationToken::new());
    tokio::spawn(sandbox.run(stop.clone()));
    (books, stop.drop_guard())
}
