#![doc = include_str!("../README.md")]

mod answers;
mod bank;
mod http;
mod serve;
mod settings;
mod webhooks;

#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use pipeline::{Clock, Random};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use answers::Answers;
use bank::{Bank, Journal};
use http::App;
pub use settings::Settings;
use webhooks::Webhooks;

/// How often what comes by itself is looked for: a payment that was being processed.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A sandbox that listens and does not serve yet.
pub struct Sandbox {
    listener: TcpListener,
    app: App,
}

impl Sandbox {
    /// Listens, and reads the ledger that an earlier run has left.
    pub async fn open(settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let listen = &settings.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| {
            format!("--listen: cannot listen on {listen}; give a free HOST:PORT")
        })?;
        let random = settings.seed.map_or_else(Random::from_os, Random::seeded);
        let mut bank = Bank::new(clock.clone(), random, settings);
        if let Some(file) = &settings.ledger {
            let journal = Journal::open(file, &mut bank)
                .with_context(|| format!("--ledger: {} cannot be used", file.display()))?;
            bank.write_to(journal);
        }
        let app = App {
            bank: Arc::new(Mutex::new(bank)),
            answers: Arc::new(Answers::new(settings.lose_answers, settings.seed)),
            slow: settings.slow(),
            webhooks: Webhooks::new(settings, clock)?,
        };
        Ok(Sandbox { listener, app })
    }

    /// Where it listens, HOST:PORT.
    pub fn address(&self) -> String {
        self.listener.local_addr().map(|a| a.to_string()).unwrap_or_default()
    }

    /// What it would tell who asks for `/sandbox/ledger`.
    pub fn ledger(&self) -> Ledger {
        Ledger(self.app.bank.clone())
    }

    /// Serves until `stop`.
    pub async fn run(self, stop: CancellationToken) -> anyhow::Result<()> {
        let Sandbox { listener, app } = self;
        let look = {
            let app = app.clone();
            async move {
                let mut often = tokio::time::interval(LOOK_EVERY);
                loop {
                    often.tick().await;
                    let news = app.bank().pass_time();
                    app.webhooks.tell(news);
                }
            }
        };
        tokio::select! {
            () = serve::serve(listener, http::routes(app)) => {}
            () = look => {}
            () = stop.cancelled() => {}
        }
        Ok(())
    }
}

/// The books, for who runs a sandbox in its own process.
#[derive(Clone)]
pub struct Ledger(Arc<Mutex<Bank>>);

impl Ledger {
    /// As `/sandbox/ledger` gives it.
    pub fn read(&self) -> serde_json::Value {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).ledger()
    }

    /// Forgets every idempotency key, as after a day.
    pub fn forget_keys(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys.forget();
    }
}

/// Runs a sandbox until `stop`.
pub async fn run(settings: Settings, stop: CancellationToken) -> anyhow::Result<()> {
    let sandbox = Sandbox::open(&settings, Clock::system()).await?;
    tracing::info!(
        http.address = sandbox.address(),
        "the payment sandbox takes test payments; no money moves"
    );
    sandbox.run(stop).await
}
