//! A whole shop of a journey's own: its topics' names are fixed, so it has a broker to itself.

use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use shop_testkit::broker::Broker;
use shop_testkit::process::{Process, Service};
use shop_testkit::{ports, smtp};
use tempfile::TempDir;

use crate::PATIENCE;
use crate::customers::Customers;

/// A service as a process, and where it serves HTTP.
pub struct Running {
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
    pub mail: smtp::Server,
    pub registry: Running,
    pub broker: Broker,
    folder: TempDir,
}

impl Shop {
    /// Boots everything, and lists a product for each number in `stock`, with so many of it:
    /// `SKU-0` at 1.00 EUR, `SKU-1` at 2.00 and so on.
    pub async fn open(stock: &[u32]) -> anyhow::Result<Self> {
        Self::open_with(stock, &[]).await
    }

    /// The same, with variables in the environment of its services.
    pub async fn open_with(stock: &[u32], envs: &[(&str, String)]) -> anyhow::Result<Self> {
        Self::boot(Broker::start().await?, stock, envs).await
    }

    /// The same on this broker, which has nothing in it yet.
    pub async fn open_on(broker: Broker, stock: &[u32]) -> anyhow::Result<Self> {
        Self::boot(broker, stock, &[]).await
    }

    async fn boot(broker: Broker, stock: &[u32], envs: &[(&str, String)]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("orderline-shop-").tempdir()?;
        let mail = smtp::Server::start().await?;
        eprintln!("broker: {}, for this journey alone", broker.describe());
        let address = free_address();
        let process = Service::new("registry")
            .envs(broker.client("registry"))
            .args(["--listen", &address])
            .start()
            .await?;
        let mut registry = Running { process, address };
        registry.ready().await?;
        run("orderline", &["topics", "apply"], &broker, &registry.address).await?;

        let start = async |name: &str| {
            let address = free_address();
            let process = service(name, &broker, &registry.address)
                .env("ORDERLINE_LISTEN", &address)
                .env("ORDERLINE_DATA", folder.path())
                .env("ORDERLINE_SMTP_URL", format!("smtp://{}:{}", mail.host(), mail.port()))
                .envs(envs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())))
                .start()
                .await?;
            anyhow::Ok(Running { process, address })
        };
        let (order, inventory, notification) =
            tokio::try_join!(start("order"), start("inventory"), start("notification"))?;
        let mut shop = Shop { order, inventory, notification, mail, registry, broker, folder };
        shop.ready().await?;
        shop.list(stock).await?;
        Ok(shop)
    }

    /// Waits until the three services are ready.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        for service in [&mut self.order, &mut self.inventory, &mut self.notification] {
            service.ready().await?;
        }
        Ok(())
    }

    /// The customers of this shop.
    pub fn customers(&self) -> Customers {
        Customers::new(&self.order.address)
    }

    /// `--bootstrap` and `--schema-registry` for the Python programs.
    pub fn for_python(&self) -> [String; 4] {
        let registry = format!("http://{}", self.registry.address);
        ["--bootstrap".into(), self.broker.bootstrap(), "--schema-registry".into(), registry]
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
        run("orderline", &load, &self.broker, &self.registry.address).await?;
        self.at_rest().await.context("the products did not arrive")
    }
}

/// A service of the workspace that is told where broker and registry are.
pub fn service(name: &str, broker: &Broker, registry: &str) -> Service {
    Service::new(name)
        .envs(broker.client(name))
        .env("ORDERLINE_SCHEMA_REGISTRY", format!("http://{registry}"))
}

/// Runs a command of the workspace to its end, which must be a success.
async fn run(name: &str, args: &[&str], broker: &Broker, registry: &str) -> anyhow::Result<()> {
    let mut process = service(name, broker, registry).args(args).start().await?;
    let status = process.wait(PATIENCE).await?;
    anyhow::ensure!(status.success(), "{name} {args:?} failed ({status}): {}", process.log());
    Ok(())
}

/// A free place to listen at.
pub fn free_address() -> String {
    format!("127.0.0.1:{}", ports::free())
}
