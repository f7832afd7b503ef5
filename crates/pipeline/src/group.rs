//! A consumer group: its name, its bounds, and the one list of its handlers.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::db::{Journal, Store};
use crate::dispatch::Table;
use crate::effect::{self, AnyEffect, Effects, InDatabase};
use crate::engine::{
    Batched, Concurrent, Ended, Engine, Executor, GroupError, RawHandler, Settings, Work,
    handle_raw,
};
use crate::handler::{Effect, Erase, Plain, Transactional};
use crate::plain::{self, AnyPlain, PlainHandlers};
use crate::runtime::Runtime;
use crate::status::GroupStatus;
use crate::transactional::{self, AnyTransactional, Transactions};
use crate::transport::Transport;
use crate::transport::kafka::Kafka;

/// Between a right that was denied and the next try.
const DENIED: Duration = Duration::from_secs(5);

/// A consumer group that has no handlers yet.
pub struct Group<T = Kafka> {
    name: String,
    runtime: Runtime<T>,
    settings: Settings,
    status: Arc<GroupStatus>,
}

impl<T: Transport> Group<T> {
    /// A group by its name on the broker.
    pub fn new(name: &str, runtime: &Runtime<T>) -> Self {
        Group {
            name: name.to_owned(),
            runtime: runtime.clone(),
            settings: Settings::default(),
            status: runtime.status(name),
        }
    }

    /// Other bounds and times than the defaults.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// Handlers whose effects are all in the database.
    pub fn transactional<C: Clone>(self, store: Store, context: C) -> TransactionalGroup<T, C> {
        TransactionalGroup { group: self, store, context, table: Table::default() }
    }

    /// Handlers with effects outside.
    pub fn effects<C: Clone>(self, store: Store, context: C) -> EffectGroup<T, C> {
        EffectGroup { group: self, store, context, table: Table::default() }
    }

    /// Handlers without a database.
    pub fn plain<C: Clone>(self, context: C) -> PlainGroup<T, C> {
        PlainGroup { group: self, context, table: Table::default() }
    }

    /// One handler of records as they come, undecoded, until `stop`.
    pub async fn raw<H: RawHandler>(
        self,
        topics: &[&str],
        handler: &H,
        stop: CancellationToken,
    ) -> Result<(), GroupError> {
        let concurrency = self.settings.concurrency;
        let executor = || Concurrent::new(concurrency, |work: Work| handle_raw(handler, work));
        self.run(topics, executor, stop).await
    }

    /// As a member of the group until `stop`; again and again while the broker denies a right, so
    /// that the group goes on by itself once that is granted.
    async fn run<X: Executor>(
        self,
        topics: &[&str],
        executor: impl Fn() -> X,
        stop: CancellationToken,
    ) -> Result<(), GroupError> {
        let Group { name, runtime, settings, status } = self;
        loop {
            let source = runtime
                .transport()
                .join(&name, topics)
                .map_err(|e| GroupError { group: name.clone(), reason: e.to_string() })?;
            let letters = runtime.dead_letters(&name, status.clone());
            let (settings, status) = (settings.clone(), status.clone());
            let engine =
                Engine::new(source, executor(), settings, letters, status, runtime.random());
            // The engine's own turns are its measure: tokio's would make ready handlers wait.
            match tokio::task::unconstrained(engine.run(stop.clone())).await? {
                Ended::Stopped => return Ok(()),
                Ended::Denied => {}
            }
            tokio::select! {
                () = tokio::time::sleep(DENIED) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    }
}

/// A group of transactional handlers.
pub struct TransactionalGroup<T, C> {
    group: Group<T>,
    store: Store,
    context: C,
    table: Table<dyn AnyTransactional>,
}

impl<T: Transport, C: Clone> TransactionalGroup<T, C> {
    /// Adds a handler.
    pub fn on<H: Transactional<Context = C>>(mut self) -> Self {
        self.table.add::<H::Event>(Arc::new(transactional::Typed::<H>(self.context.clone())));
        self
    }

    /// Adds a handler of tombstones on a topic.
    pub fn on_erased<H: Erase<Context = C>>(mut self) -> Self {
        let erasing = transactional::Erasing::<H>(self.context.clone());
        self.table.add_erasing::<H::Event>(Arc::new(erasing));
        self
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), GroupError> {
        let topics = self.table.topics().to_vec();
        let handler = Transactions {
            group: self.group.name.clone(),
            table: self.table,
            store: self.store,
            schemas: self.group.runtime.schemas().clone(),
            traces: self.group.runtime.traces(),
            status: self.group.status.clone(),
        };
        let batch = self.group.settings.batch;
        let executor = || Batched::new(batch, &handler);
        self.group.run(&topics, executor, stop).await
    }
}

/// A group of handlers with effects outside.
pub struct EffectGroup<T, C> {
    group: Group<T>,
    store: Store,
    context: C,
    table: Table<dyn AnyEffect>,
}

impl<T: Transport, C: Clone> EffectGroup<T, C> {
    /// Adds a handler.
    pub fn on<H: Effect<Context = C>>(mut self) -> Self {
        self.table.add::<H::Event>(Arc::new(effect::Typed::<H>(self.context.clone())));
        self
    }

    /// Adds a handler whose effects are all in the database: a transaction of its own for each record.
    pub fn keep<H: Transactional<Context = C>>(mut self) -> Self {
        let keeping = transactional::Typed::<H>(self.context.clone());
        self.table.add::<H::Event>(Arc::new(InDatabase(Arc::new(keeping))));
        self
    }

    /// Adds a handler of tombstones on a topic.
    pub fn on_erased<H: Erase<Context = C>>(mut self) -> Self {
        let erasing = transactional::Erasing::<H>(self.context.clone());
        self.table.add_erasing::<H::Event>(Arc::new(InDatabase(Arc::new(erasing))));
        self
    }

    /// No more records than these at once, where what an effect needs serves no more: so many
    /// connections. A record that waits for its turn has no intent yet, so that no more effects than
    /// these are in doubt after a crash, and goes elsewhere with its partition.
    pub fn at_once(mut self, most: usize) -> Self {
        let concurrency = &mut self.group.settings.concurrency;
        *concurrency = most.max(1).min(*concurrency);
        self
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), GroupError> {
        let topics = self.table.topics().to_vec();
        let effects = Effects {
            table: self.table,
            journal: Journal::start(&self.group.name, self.store.clone()),
            store: self.store,
            schemas: self.group.runtime.schemas().clone(),
            status: self.group.status.clone(),
            traces: self.group.runtime.traces(),
        };
        let concurrency = self.group.settings.concurrency;
        let executor = || Concurrent::new(concurrency, |work: Work| effect::handle(&effects, work));
        self.group.run(&topics, executor, stop).await
    }
}

/// A group of handlers without a database.
pub struct PlainGroup<T, C> {
    group: Group<T>,
    context: C,
    table: Table<dyn AnyPlain>,
}

impl<T: Transport, C: Clone> PlainGroup<T, C> {
    /// Adds a handler.
    pub fn on<H: Plain<Context = C>>(mut self) -> Self {
        self.table.add::<H::Event>(Arc::new(plain::Typed::<H>(self.context.clone())));
        self
    }

    /// Runs until `stop`.
    pub async fn run(self, stop: CancellationToken) -> Result<(), GroupError> {
        let topics = self.table.topics().to_vec();
        let handlers = PlainHandlers {
            group: self.group.name.clone(),
            table: self.table,
            schemas: self.group.runtime.schemas().clone(),
            traces: self.group.runtime.traces(),
        };
        let concurrency = self.group.settings.concurrency;
        let executor = || Concurrent::new(concurrency, |work: Work| plain::handle(&handlers, work));
        self.group.run(&topics, executor, stop).await
    }
}
