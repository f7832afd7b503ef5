//! What all groups of a process share.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use prometheus_client::registry::Registry;

use crate::clock::{Clock, Random};
use crate::codec::Schemas;
use crate::dead_letter::DeadLetters;
use crate::horizon::Horizon;
use crate::metrics::Metrics;
use crate::status::GroupStatus;
use crate::trace::{Tracer, Traces};
use crate::transport::kafka::Kafka;
use crate::transport::{Sink, Transport, TransportError};

/// Transport, schemas, metrics: made once per process, handed to every group.
pub struct Runtime<T = Kafka>(Arc<Inner<T>>);

impl<T> Clone for Runtime<T> {
    fn clone(&self) -> Self {
        Runtime(self.0.clone())
    }
}

struct Inner<T> {
    transport: T,
    schemas: Schemas,
    metrics: Metrics,
    sink: Arc<dyn Sink>,
    build: Arc<str>,
    clock: Clock,
    random: Random,
    groups: Mutex<Vec<Arc<GroupStatus>>>,
    tracer: OnceLock<Arc<dyn Tracer>>,
}

impl<T: Transport> Runtime<T> {
    /// `build` names this program and its version: it stands in the dead letters.
    pub fn new(
        transport: T,
        schemas: Schemas,
        build: &str,
        metrics: &mut Registry,
    ) -> Result<Self, TransportError> {
        let sink = transport.sink()?;
        Ok(Runtime(Arc::new(Inner {
            transport,
            schemas,
            metrics: Metrics::new(metrics),
            sink,
            build: build.into(),
            clock: Clock::system(),
            random: Random::from_os(),
            groups: Mutex::default(),
            tracer: OnceLock::new(),
        })))
    }

    /// From now on each try at a record is a span, of groups that are run after this. The first
    /// tracer stays.
    pub fn trace_with(&self, tracer: impl Tracer) {
        let _ = self.0.tracer.set(Arc::new(tracer));
    }

    /// The way out, for the relay.
    pub fn sink(&self) -> Arc<dyn Sink> {
        self.0.sink.clone()
    }

    /// The ids and schemas.
    pub fn schemas(&self) -> &Schemas {
        &self.0.schemas
    }

    /// The groups that run here.
    pub fn groups(&self) -> Vec<Arc<GroupStatus>> {
        self.0.groups.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Up to when a group, on all its members, has heard everything on these topics.
    pub fn horizon(&self, group: &str, topics: &[&str]) -> Horizon<T> {
        Horizon::new(self.clone(), group, topics)
    }

    pub(crate) fn transport(&self) -> &T {
        &self.0.transport
    }

    pub(crate) fn random(&self) -> Random {
        self.0.random.clone()
    }

    pub(crate) fn traces(&self) -> Traces {
        Traces(self.0.tracer.get().cloned())
    }

    pub(crate) fn status(&self, group: &str) -> Arc<GroupStatus> {
        let status = Arc::new(GroupStatus::new(group, self.0.metrics.clone()));
        self.0.groups.lock().unwrap_or_else(PoisonError::into_inner).push(status.clone());
        status
    }

    pub(crate) fn dead_letters(&self, group: &str, status: Arc<GroupStatus>) -> DeadLetters {
        DeadLetters {
            group: group.into(),
            sink: self.sink(),
            status,
            clock: self.0.clock.clone(),
            build: self.0.build.clone(),
            traces: self.traces(),
        }
    }
}
