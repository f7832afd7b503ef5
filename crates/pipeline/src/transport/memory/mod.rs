//! A model of the log in memory: partitions, groups, offsets, rebalances, and faults on demand.
//! For unit tests and simulation; it loses everything when it is dropped.

mod broker;
mod group;
mod murmur2;
mod source;

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Progress, SendError, Sink, Transport, TransportError};
use crate::db::Outgoing;
pub use broker::{Broker, Stored};
pub use source::MemorySource;

/// A transport in this process.
#[derive(Clone)]
pub struct Memory {
    broker: Arc<Broker>,
}

impl Memory {
    /// A log whose topics have so many partitions each.
    pub fn new(partitions: i32) -> Self {
        Memory { broker: Arc::new(Broker::new(partitions)) }
    }

    /// The log itself, to look at and to break.
    pub fn broker(&self) -> &Arc<Broker> {
        &self.broker
    }
}

impl Transport for Memory {
    type Source = MemorySource;

    fn join(&self, group: &str, topics: &[&str]) -> Result<MemorySource, TransportError> {
        Ok(MemorySource::join(self.broker.clone(), group, topics))
    }

    fn progress<'a>(
        &'a self,
        group: &'a str,
        topics: &'a [&'a str],
    ) -> BoxFuture<'a, Result<Vec<Progress>, TransportError>> {
        async move { Ok(self.broker.progress(group, topics)) }.boxed()
    }

    fn sink(&self) -> Result<Arc<dyn Sink>, TransportError> {
        Ok(self.broker.clone())
    }
}

impl Sink for Broker {
    fn send(&self, records: Vec<Outgoing>) -> BoxFuture<'_, Result<(), SendError>> {
        async move { self.append(records) }.boxed()
    }
}
