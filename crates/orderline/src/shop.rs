//! All services in this process: each on its own address, with its own database.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, anyhow};
use cart::CartSettings;
use clap::Args;
use notification::{MailSettings, PushSettings};
use order::{Lifetime, Limits};
use payment::ProviderSettings;
use shop_service::auth::KeysFrom;
use shop_service::{Callers, Cluster, Process, Secret, Settings, Storage, WrongOption};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use user::AccountSettings;

use crate::sandbox;
use crate::services::{SERVICES, USER};

/// What all services of the process share.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShopSettings {
    #[command(flatten)]
    pub(crate) cluster: Cluster,
    #[command(flatten)]
    pub(crate) mail: MailSettings,
    #[command(flatten)]
    pub(crate) carts: CartSettings,
    #[command(flatten)]
    pub(crate) push: PushSettings,
    #[command(flatten)]
    pub(crate) lifetime: Lifetime,
    #[command(flatten)]
    pub(crate) payment: ProviderSettings,
    /// What takes its time in the payment sandbox takes so many milliseconds.
    #[arg(skip)]
    pub(crate) sandbox_slow_ms: Option<u64>,
    #[command(flatten)]
    pub(crate) storage: Storage,
    #[command(flatten)]
    pub(crate) callers: Callers,
    #[command(flatten)]
    pub(crate) accounts: AccountSettings,
    #[command(flatten)]
    pub(crate) limits: Limits,
}

impl ShopSettings {
    /// Where a service of this process keeps its tables, in words.
    pub(crate) fn tables_of(&self, service: &str) -> String {
        match self.storage.database {
            Some(_) => format!("PostgreSQL, schema {service}"),
            None => self.storage.data.join(format!("{service}.db")).display().to_string(),
        }
    }

    /// The keys are those of the user service in this process, wherever it listens, unless others
    /// are named.
    fn callers_at(&self, addresses: &Addresses) -> Callers {
        let mut callers = self.callers.clone();
        if let Some(user) = addresses.get(USER).filter(|_| callers.jwks.is_default()) {
            callers.jwks = KeysFrom::user_service(user);
        }
        callers
    }

    fn check(&self) -> anyhow::Result<()> {
        let one_file = |url: &Secret| url.reveal().starts_with("sqlite:");
        if self.storage.database.as_ref().is_some_and(one_file) {
            let wrong = "--database (ORDERLINE_DATABASE) names one SQLite file, and each service needs its own: give --data FOLDER instead, or postgres://USER:PASSWORD@HOST/NAME";
            return Err(WrongOption(wrong.to_owned()).into());
        }
        Ok(())
    }
}

/// Where each service listens, HOST:PORT, by its name.
pub(crate) type Addresses = BTreeMap<&'static str, String>;

const READY: Duration = Duration::from_secs(90);

/// Services that run.
pub(crate) struct Shop {
    tasks: JoinSet<(&'static str, anyhow::Result<()>)>,
    stop: CancellationToken,
    addresses: Addresses,
}

/// The default ports on this host.
pub(crate) fn default_addresses(host: &str) -> Addresses {
    SERVICES.iter().map(|service| (service.name, format!("{host}:{}", service.port))).collect()
}

/// The default ports where they are free, others where they are not.
pub(crate) fn free_addresses() -> anyhow::Result<Addresses> {
    let mut addresses = default_addresses("127.0.0.1");
    for address in addresses.values_mut() {
        let listener = TcpListener::bind(address.as_str());
        let listener = listener.or_else(|_| TcpListener::bind("127.0.0.1:0"));
        *address = listener.context("no port is free on 127.0.0.1")?.local_addr()?.to_string();
    }
    Ok(addresses)
}

impl Shop {
    /// Starts all of them.
    pub(crate) fn start(
        shop: &ShopSettings,
        process: &Process,
        mut addresses: Addresses,
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        shop.check()?;
        let mut shop = shop.clone();
        let sandbox = sandbox::beside(&mut shop, &addresses)?;
        let stop = stop.child_token();
        let settings = |name: &str| Settings {
            cluster: shop.cluster.clone(),
            storage: shop.storage.clone(),
            listen: addresses.get(name).cloned(),
            callers: shop.callers_at(&addresses),
            process: process.clone(),
        };
        let mut tasks = JoinSet::new();
        for service in SERVICES {
            let run = (service.run)(&shop, settings(service.name), stop.clone());
            tasks.spawn(async move { (service.name, run.await) });
        }
        if let Some(settings) = sandbox {
            addresses.insert(sandbox::NAME, settings.listen.clone());
            let run = payment_sandbox::run(settings, stop.clone());
            tasks.spawn(async move { (sandbox::NAME, run.await) });
        }
        Ok(Shop { tasks, stop, addresses })
    }

    /// Where each listens, and the payment sandbox, if there is one.
    pub(crate) fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Waits until each says that it is ready.
    pub(crate) async fn ready(&mut self) -> anyhow::Result<()> {
        let addresses = self.addresses.clone();
        tokio::select! {
            ready = all_ready(&addresses) => ready,
            ended = self.tasks.join_next() => {
                let (name, ended) = ended.context("no service runs")??;
                self.stop.cancel();
                ended.with_context(|| name)?;
                Err(anyhow!("told to stop before the services were ready"))
            }
        }
    }

    /// Waits until they have ended; the end of one is the end of all.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            self.stop.cancel();
            let (name, ended) = ended?;
            if outcome.is_ok() {
                outcome = ended.with_context(|| name);
            }
        }
        outcome
    }

    /// Tells them to stop and waits.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.run().await
    }
}

async fn all_ready(addresses: &Addresses) -> anyhow::Result<()> {
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    for (name, address) in addresses {
        let mut last = String::new();
        let ready = async {
            loop {
                let answer = client.get(format!("http://{address}/ready")).send().await;
                match answer {
                    Ok(answer) if answer.status().is_success() => return,
                    Ok(answer) => last = answer.text().await.unwrap_or_default(),
                    Err(error) => last = error.to_string(),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(READY, ready).await.is_err() {
            return Err(anyhow!("{name} is not ready after {READY:?}: {last}"));
        }
    }
    Ok(())
}
