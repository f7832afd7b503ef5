//! A whole shop of a journey's own: its topics' names are fixed, so it has a broker to itself.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use shop_testkit::broker::Broker;
use shop_testkit::database::Kind;
use shop_testkit::process::{Process, Service};
use shop_testkit::tokens::Issuer;
use shop_testkit::{ports, postgres, smtp};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::customers::Customers;

const KAFKA: &str = "ORDERLINE_KAFKA";

/// A service as a process, and where it serves HTTP.
pub struct Running {
    pub name: &'static str,
    pub process: Process,
    pub address: String,
}

impl Running {
    /// Waits until it is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        self.process.wait_for_http(&self.address, "/ready", PATIENCE).await
    }
}

/// The shop. Everything in it ends with it.
pub struct Shop {
    pub order: Running,
    pub inventory: Running,
    pub notification: Running,
    pub payment: Running,
    /// Whom payment pays with: the sandbox, which moves no money and keeps books.
    pub sandbox: Running,
    pub mail: smtp::Server,
    pub registry: Running,
    pub broker: Broker,
    /// Further instances of the services.
    pub others: Vec<Running>,
    /// Who gives the customers their tokens.
    pub issuer: Arc<Issuer>,
    folder: TempDir,
    /// What every service is told in its environment.
    settings: Vec<(String, String)>,
}

impl Shop {
    /// Boots everything, and lists a product for each number in `stock`, with so many of it:
    /// `SKU-0` at 1.00 EUR, `SKU-1` at 2.00 and so on.
    pub async fn open(stock: &[u32]) -> anyhow::Result<Self> {
        Self::open_with(stock, &[]).await
    }

    /// The same, with variables in the environment of its services.
    pub async fn open_with(stock: &[u32], envs: &[(&str, String)]) -> anyhow::Result<Self> {
        Self::boot(Broker::start_for_shop().await?, Kind::chosen()?, stock, envs).await
    }

    /// The same on this broker, which has nothing in it yet.
    pub async fn open_on(broker: Broker, stock: &[u32]) -> anyhow::Result<Self> {
        Self::boot(broker, Kind::chosen()?, stock, &[]).await
    }

    /// The same, on this kind of database whatever `DATABASE` says.
    pub async fn open_on_database(
        database: Kind,
        stock: &[u32],
        envs: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        Self::boot(Broker::start_for_shop().await?, database, stock, envs).await
    }

    async fn boot(
        broker: Broker,
        database: Kind,
        stock: &[u32],
        envs: &[(&str, String)],
    ) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderline-shop-").tempdir()?;
        let mail = smtp::Server::start().await?;
        eprintln!("broker: {}, for this journey alone", broker.describe());
        let address = free_address();
        if broker.logins().is_some() {
            run("broker", &["access", "apply"], &broker, &address).await?;
        }
        let process = Service::new("registry")
            .envs(broker.client("registry"))
            .args(["--listen", &address])
            .start()
            .await?;
        let mut registry = Running { name: "registry", process, address };
        registry.ready().await?;
        run("admin", &["topics", "apply"], &broker, &registry.address).await?;

        let issuer = Arc::new(Issuer::new()?);
        // All customers come from one address.
        let no_limit = "1000000/s";
        let mut settings: Vec<(String, String)> = vec![
            ("ORDERLINE_JWKS".into(), issuer.jwks_file().display().to_string()),
            ("ORDERLINE_ORDERS_PER_ACCOUNT".into(), no_limit.into()),
            ("ORDERLINE_ORDERS_PER_ADDRESS".into(), no_limit.into()),
            ("ORDERLINE_CHECKOUTS_PER_ACCOUNT".into(), no_limit.into()),
            ("ORDERLINE_CHECKOUTS_PER_ADDRESS".into(), no_limit.into()),
            ("ORDERLINE_REGISTRATIONS_PER_ADDRESS".into(), no_limit.into()),
            ("ORDERLINE_SIGN_INS_PER_ADDRESS".into(), no_limit.into()),
            ("ORDERLINE_WRITES_PER_ACCOUNT".into(), no_limit.into()),
            ("ORDERLINE_DATA".into(), folder.path().display().to_string()),
            ("ORDERLINE_SMTP_URL".into(), format!("smtp://{}:{}", mail.host(), mail.port())),
            // A mail whose answer is late is sent twice, and here each is counted.
            ("ORDERLINE_SMTP_SECONDS".into(), "60".into()),
            ("ORDERLINE_PUSH_SECONDS".into(), "60".into()),
        ];
        if database == Kind::Postgres {
            // One for all: each service has a schema of its own in it.
            let url = postgres::shared().await?.database().await?;
            settings.push(("ORDERLINE_DATABASE".into(), url));
        }
        let payment_at = free_address();
        let mut sandbox = Service::new("payment-sandbox");
        for (name, value) in envs {
            sandbox = sandbox.env(*name, value);
        }
        let address = free_address();
        let books = folder.path().join("payment-sandbox.jsonl").display().to_string();
        let sandbox = sandbox
            .args(["--listen", &address, "--ledger", &books])
            .args(["--webhook-url", &format!("http://{payment_at}/webhooks/stripe")]);
        let sandbox = Running { name: "payment-sandbox", process: sandbox.start().await?, address };
        settings.push(("ORDERLINE_STRIPE_URL".into(), format!("http://{}", sandbox.address)));
        settings.push(("ORDERLINE_PAYMENT_LOOK_SECONDS".into(), "2".into()));
        settings.extend(envs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let start = |name, at| start(name, at, &broker, &registry.address, &settings);
        let (order, inventory, notification, payment) = tokio::try_join!(
            start("order", free_address()),
            start("inventory", free_address()),
            start("notification", free_address()),
            start("payment", payment_at),
        )?;
        let others = Vec::new();
        let mut shop = Shop {
            order,
            inventory,
            notification,
            payment,
            sandbox,
            mail,
            registry,
            broker,
            others,
            issuer,
            folder,
            settings,
        };
        shop.ready().await?;
        shop.list(stock).await?;
        Ok(shop)
    }

    /// Waits until every service is ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        self.sandbox.ready().await?;
        for service in self.all() {
            service.ready().await?;
        }
        Ok(())
    }

    /// Starts one more instance of a service, and waits until it is ready.
    pub async fn another(&mut self, name: &'static str) -> anyhow::Result<()> {
        let mut other =
            start(name, free_address(), &self.broker, &self.registry.address, &self.settings)
                .await?;
        other.ready().await?;
        self.others.push(other);
        Ok(())
    }

    /// Every instance of the services.
    pub fn services(&self) -> impl Iterator<Item = &Running> {
        let first = [&self.order, &self.inventory, &self.notification, &self.payment];
        first.into_iter().chain(&self.others)
    }

    /// The same, to do something to them.
    pub fn all(&mut self) -> Vec<&mut Running> {
        let Shop { order, inventory, notification, payment, others, .. } = self;
        [order, inventory, notification, payment].into_iter().chain(others).collect()
    }

    /// The instances of one of them, in the order in which they were started.
    pub fn instances(&mut self, name: &str) -> Vec<&mut Running> {
        self.all().into_iter().filter(|s| s.name == name).collect()
    }

    /// The customers of this shop.
    pub fn customers(&self) -> Customers {
        Customers::new(&self.order.address, self.issuer.clone())
    }

    /// The customers of each instance of the order service.
    pub fn customers_of_each(&mut self) -> Vec<Customers> {
        let issuer = self.issuer.clone();
        let customers = |order: &&mut Running| Customers::new(&order.address, issuer.clone());
        self.instances("order").iter().map(customers).collect()
    }

    /// Where broker and registry are, and how to be `user`, for the Python programs.
    pub fn for_python(&self, user: &str) -> anyhow::Result<Vec<String>> {
        let (brokers, registry) =
            (self.broker.bootstrap(), format!("http://{}", self.registry.address));
        let mut args = vec!["--bootstrap".into(), brokers, "--schema-registry".into(), registry];
        if let Some(logins) = self.broker.logins() {
            let file = self.folder().join(format!("{user}.json"));
            let properties: HashMap<_, _> = logins.librdkafka(user)?.into_iter().collect();
            std::fs::write(&file, serde_json::to_vec(&properties)?)?;
            args.extend(["--client-config".into(), file.display().to_string()]);
        }
        Ok(args)
    }

    /// `orderline` as one of the users.
    pub fn orderline(&self, user: &str) -> Service {
        self.service("orderline", user)
    }

    /// A program of the workspace as one of the users.
    pub fn service(&self, name: &str, user: &str) -> Service {
        service(name, user, &self.broker, &self.registry.address)
    }

    /// Where its data is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Lists products, and waits until they can be ordered.
    async fn list(&self, stock: &[u32]) -> anyhow::Result<()> {
        let mut text = "product_id,name,price,currency,stock\n".to_owned();
        for (i, stock) in stock.iter().enumerate() {
            writeln!(text, "SKU-{i},Product {i},{}.00,EUR,{stock}", i + 1)?;
        }
        let file = self.folder().join("catalogue.csv");
        std::fs::write(&file, text)?;
        let load = ["catalogue", "load", &file.display().to_string()];
        run("import", &load, &self.broker, &self.registry.address).await?;
        self.at_rest().await.context("the products did not arrive")
    }
}

async fn start(
    of: &'static str,
    address: String,
    broker: &Broker,
    registry: &str,
    settings: &[(String, String)],
) -> anyhow::Result<Running> {
    let mut service = service(of, of, broker, registry).env("ORDERLINE_LISTEN", &address);
    for (name, value) in settings {
        // Properties come besides those that the broker asks for.
        let asked = broker.client(of).into_iter().find(|(asked, _)| name == KAFKA && asked == name);
        let asked = asked.map(|(_, properties)| format!("{properties};")).unwrap_or_default();
        service = service.env(name, format!("{asked}{value}"));
    }
    Ok(Running { name: of, process: service.start().await?, address })
}

/// A program of the workspace that is told where broker and registry are, and who it is.
fn service(name: &str, user: &str, broker: &Broker, registry: &str) -> Service {
    Service::new(name)
        .envs(broker.client(user))
        .env("ORDERLINE_SCHEMA_REGISTRY", format!("http://{registry}"))
}

/// Runs a command of `orderline` to its end, which must be a success.
async fn run(user: &str, args: &[&str], broker: &Broker, registry: &str) -> anyhow::Result<()> {
    let mut process = service("orderline", user, broker, registry).args(args).start().await?;
    let status = process.wait(PATIENCE).await?;
    anyhow::ensure!(status.success(), "orderline {args:?} failed ({status}): {}", process.log());
    Ok(())
}

/// A free place to listen at.
pub fn free_address() -> String {
    format!("127.0.0.1:{}", ports::free())
}
