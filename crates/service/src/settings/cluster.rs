use std::time::Duration;

use clap::Args;
use pipeline::RegistrySettings;
use pipeline::transport::kafka::Kafka;

use super::{Secret, parse};

/// Where the records are.
#[derive(Debug, Clone, Args)]
pub struct Cluster {
    /// Kafka brokers, HOST:PORT, separated by commas.
    #[arg(
        long,
        env = "ORDERLINE_BROKERS",
        value_name = "HOST:PORT,…",
        default_value = "127.0.0.1:9092",
        value_parser = parse::brokers
    )]
    pub brokers: String,
    /// Schema registries that speak the Confluent API, URLs separated by commas, tried in turn.
    #[arg(
        long,
        env = "ORDERLINE_SCHEMA_REGISTRY",
        value_name = "URL,…",
        default_value = "http://127.0.0.1:8081",
        value_delimiter = ',',
        value_parser = parse::url
    )]
    pub schema_registry: Vec<String>,
    /// A further librdkafka property, such as those for TLS and SASL; may be repeated, or separated
    /// by semicolons in the environment. None by default.
    #[arg(
        long,
        env = "ORDERLINE_KAFKA",
        hide_env_values = true,
        value_name = "KEY=VALUE",
        value_delimiter = ';',
        value_parser = parse::property
    )]
    pub kafka: Vec<(String, Secret)>,
}

impl Cluster {
    /// The brokers, for a program that calls itself `client_id`.
    pub fn transport(&self, client_id: &str) -> Kafka {
        let mut kafka = Kafka::new(&self.brokers, client_id);
        kafka.settings =
            self.kafka.iter().map(|(key, value)| (key.clone(), value.reveal().into())).collect();
        kafka
    }

    /// The registry.
    pub fn registry(&self) -> RegistrySettings {
        RegistrySettings { urls: self.schema_registry.clone(), timeout: Duration::from_secs(5) }
    }
}
