use clap::Args;
use pipeline::RegistrySettings;
use pipeline::transport::kafka::Kafka;

use super::{Brokers, SchemaRegistry};

/// Where the records are.
#[derive(Debug, Clone, Args)]
pub struct Cluster {
    #[command(flatten)]
    pub kafka: Brokers,
    #[command(flatten)]
    pub schema_registry: SchemaRegistry,
}

impl Cluster {
    /// The brokers, for a program that calls itself `client_id`.
    pub fn transport(&self, client_id: &str) -> Kafka {
        self.kafka.transport(client_id)
    }

    /// The registry.
    pub fn registry(&self) -> RegistrySettings {
        self.schema_registry.settings()
    }
}
