//! Records of the command's own, under ids that follow from their content.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use pipeline::meta::header;
use pipeline::transport::{Sink, Transport};
use pipeline::{Cause, Emitter, Event, Outgoing, Schemas};
use shop_service::Cluster;
use uuid::Uuid;

/// How long the broker may take to acknowledge what was sent at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// A way to the topics.
pub(crate) struct Publisher {
    pub(crate) emitter: Emitter,
    sink: Arc<dyn Sink>,
}

/// The registry, asked before anything depends on it.
pub(crate) async fn schemas(cluster: &Cluster) -> anyhow::Result<Schemas> {
    let schemas = Schemas::connect(&cluster.registry()).context("--schema-registry")?;
    schemas.ping().await.map_err(|error| {
        anyhow!(
            "the schema registry at {} does not answer ({error}): is it running? `make up` starts \
             one here; --schema-registry or ORDERLINE_SCHEMA_REGISTRY names yours",
            cluster.schema_registry.urls.join(",")
        )
    })?;
    Ok(schemas)
}

impl Publisher {
    /// `source` says who decided the events.
    pub(crate) async fn connect(cluster: &Cluster, source: &str) -> anyhow::Result<Self> {
        let schemas = schemas(cluster).await?;
        let sink = cluster.transport(source).sink().context("--brokers, --kafka")?;
        Ok(Publisher { emitter: Emitter::new(source, schemas), sink })
    }

    /// Registers what will be published.
    pub(crate) async fn register<E: Event>(&self) -> anyhow::Result<()> {
        self.emitter.schemas.register::<E>().await?;
        Ok(())
    }

    /// The record under this id: sent again, a consumer group that has handled it passes it over.
    pub(crate) fn record<E: Event>(
        &self,
        event: &E,
        id: Uuid,
        correlation: &str,
    ) -> anyhow::Result<Outgoing> {
        let cause = Cause { correlation: Some(correlation.to_owned()), ..Cause::default() };
        let (_, mut record) = self.emitter.record(event, &cause)?;
        for (name, value) in &mut record.headers {
            if name == header::ID {
                *value = id.to_string().into_bytes();
            }
        }
        Ok(record)
    }

    /// Sends all and waits until the brokers have them.
    pub(crate) async fn send(&self, records: Vec<Outgoing>) -> anyhow::Result<()> {
        let sent = tokio::time::timeout(PATIENCE, self.sink.send(records)).await;
        let sent = sent.map_err(|_| {
            anyhow!("the broker has not taken the records within {PATIENCE:?}; run this again: what it has is not placed twice")
        })?;
        sent.map_err(|error| {
            anyhow!(
                "{}: {}; is the topic there? `orderline topics apply` makes it. Then run this again: nothing is placed twice",
                error.topic, error.reason
            )
        })
    }
}
