//! The boot: from settings to a service that runs, and from the stop to its end.

pub(crate) mod refused;
#[cfg(test)]
mod tests;
mod wait;

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use pipeline::{Emitter, Group, GroupError, Migration, Relay, Runtime, Schemas, Store};
use prometheus_client::registry::Registry;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use utoipa_axum::router::OpenApiRouter;

use crate::auth::{Tokens, guarded};
use crate::first_reading::FirstReading;
use crate::health::{self, Health, Parts};
use crate::http::observe::Requests;
use crate::http::serve::Server;
use crate::lifecycle::WrongOption;
use crate::published::Published;
use crate::settings::{Callers, Settings};
use crate::telemetry::Join;
pub(crate) use wait::StoppedWaiting;

/// Who a service is.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// Its name: in its events, its database's file name, the broker's logs.
    pub name: &'static str,
    /// The build, for the dead letters: `env!("CARGO_PKG_VERSION")`.
    pub version: &'static str,
    /// The port of its HTTP, where `--listen` names none.
    pub port: u16,
}

/// A service on its way up, and then up.
pub struct Service {
    identity: Identity,
    store: Store,
    runtime: Runtime,
    stop: CancellationToken,
    deadline: Duration,
    health: Arc<Health>,
    server: Server,
    callers: Callers,
    groups: JoinSet<Result<(), GroupError>>,
    relay: Arc<Relay>,
    relaying: JoinHandle<()>,
    flush: CancellationToken,
}

impl Service {
    /// Listens, connects, applies the migrations, registers the schemas of `P` and starts the
    /// relay. Waits, and says so in log and `/ready`, while the registry or PostgreSQL is away.
    pub async fn start<P: Published>(
        identity: Identity,
        settings: &Settings,
        migrations: &[Migration],
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let stop = stop.child_token();
        let health = Health::new(identity.name, identity.version);
        let address =
            settings.listen.clone().unwrap_or_else(|| format!("127.0.0.1:{}", identity.port));
        let server = Server::start(&address, health::router(health.clone()), stop.clone()).await?;
        tracing::info!(service.name = identity.name, http.address = server.address(), "starting");

        let url = settings.storage.url(identity.name);
        let database = wait::database(identity.name, &url, migrations, &health, &stop).await?;
        let schemas =
            Schemas::connect(&settings.cluster.registry()).context("--schema-registry")?;
        let build = format!("{} {}", identity.name, identity.version);
        let transport = settings.cluster.transport(&format!("orderline-{}", identity.name));
        let runtime = {
            let mut registry = health.metrics.lock().unwrap_or_else(PoisonError::into_inner);
            Runtime::new(transport, schemas.clone(), &build, &mut registry).context(WrongOption(
                "--brokers, --kafka and the options that begin so".to_owned(),
            ))?
        };
        runtime.trace_with(Join);
        let store = Store::new(database, Emitter::new(identity.name, schemas.clone()));
        wait::registry::<P>(&schemas, &health, &stop).await?;

        let relay = Arc::new(Relay::new(store.clone(), runtime.sink()));
        relay.register(&mut health.metrics.lock().unwrap_or_else(PoisonError::into_inner));
        let flush = CancellationToken::new();
        let relaying = tokio::spawn({
            let (relay, flush) = (relay.clone(), flush.clone());
            async move { relay.run(flush).await }
        });
        let parts = Parts { store: store.clone(), runtime: runtime.clone(), relay: relay.clone() };
        let _ = health.parts.set(parts);
        Ok(Service {
            identity,
            store,
            runtime,
            stop,
            deadline: settings.process.deadline(),
            health,
            server,
            callers: settings.callers.clone(),
            groups: JoinSet::new(),
            relay,
            relaying,
            flush,
        })
    }

    /// The database and the outbox.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the groups share: also says how far they have come.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Told when the service is to stop: what streams has to listen to it.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// For metrics of the service's own.
    pub fn metrics<R>(&self, register: impl FnOnce(&mut Registry) -> R) -> R {
        register(&mut self.health.metrics.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts a consumer group: `|group, stop| handlers::of(group, store).run(stop)`.
    pub fn group<F, R>(&mut self, name: &str, run: F)
    where
        F: FnOnce(Group, CancellationToken) -> R,
        R: Future<Output = Result<(), GroupError>> + Send + 'static,
    {
        // Half of the deadline for handlers; the rest is for the last commit and the outbox.
        let settings = pipeline::Settings { drain: self.deadline / 2, ..Default::default() };
        let group = Group::new(name, &self.runtime).settings(settings);
        self.groups.spawn(run(group, self.stop.clone()));
    }

    /// Starts what runs beside groups and requests: `|stop| expire(store, stop)`. It ends when it is
    /// told to stop.
    pub fn background<F, R>(&mut self, run: F)
    where
        F: FnOnce(CancellationToken) -> R,
        R: Future<Output = ()> + Send + 'static,
    {
        let run = run(self.stop.clone());
        self.groups.spawn(async move {
            run.await;
            Ok(())
        });
    }

    /// Watches whether a group has read what stands on these topics, on all its members.
    pub fn first_reading(&mut self, group: &str, topics: &[&str]) -> FirstReading {
        let (horizon, clock) =
            (self.runtime.horizon(group, topics), self.store.emitter().clock.clone());
        let reading = FirstReading::default();
        let watching = reading.clone();
        self.background(|stop| watching.watch(horizon, clock, stop));
        reading
    }

    /// Opens the service's own routes and `/openapi.json`, each route for whom its `x-access` lets
    /// in; an error where a route does not say. See [`crate::auth::guarded`].
    pub fn http(&self, routes: OpenApiRouter) -> anyhow::Result<()> {
        let tokens = Tokens::new(&self.callers, self.store.emitter().clock.clone())?;
        let routes = guarded(routes, Arc::new(tokens))?;
        self.server.open(self.metrics(Requests::new).around(routes));
        Ok(())
    }

    /// Runs until told to stop, or until a group ends with an error. Then: no new requests and
    /// records, what runs finishes, the outbox is sent.
    pub async fn run(mut self) -> anyhow::Result<()> {
        if !self.server.is_open() {
            // None of its own: then there is nothing at their paths, rather than a service that starts.
            self.http(OpenApiRouter::new())?;
        }
        self.health.waiting_for(None);
        tracing::info!(
            service.name = self.identity.name,
            http.address = self.server.address(),
            "started"
        );
        let mut outcome = Ok(());
        tokio::select! {
            () = self.stop.cancelled() => {}
            Some(ended) = self.groups.join_next() => outcome = group_ended(ended),
        }
        self.stop.cancel();
        self.health.waiting_for(Some("stopping".into()));
        let groups = async {
            while let Some(ended) = self.groups.join_next().await {
                if let (Ok(()), Err(error)) = (&outcome, group_ended(ended)) {
                    outcome = Err(error);
                }
            }
        };
        tokio::join!(groups, self.server.finish(self.deadline / 2));
        self.flush.cancel();
        if tokio::time::timeout(self.deadline / 6, &mut self.relaying).await.is_err() {
            self.relaying.abort();
            let waiting = self.relay.waiting().await.unwrap_or_default();
            tracing::warn!(
                outbox.records = waiting,
                "the broker did not take the outbox in time; it is sent at the next start"
            );
        }
        outcome
    }
}

fn group_ended(
    ended: Result<Result<(), GroupError>, tokio::task::JoinError>,
) -> anyhow::Result<()> {
    match ended {
        Ok(ended) => Ok(ended?),
        Err(panic) => Err(anyhow::Error::new(panic).context("a consumer group panicked")),
    }
}
