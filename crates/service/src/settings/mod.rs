//! What a process can be told, by option or by environment; each concern has its struct.

mod cluster;
mod parse;
mod process;
mod secret;
mod storage;

use clap::Args;

pub use cluster::Cluster;
pub use process::{LogFormat, Process};
pub use secret::Secret;
pub use storage::Storage;

/// Everything a service can be told.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    #[command(flatten)]
    pub cluster: Cluster,
    #[command(flatten)]
    pub storage: Storage,
    /// Where HTTP is served, HOST:PORT; port 0 takes a free one. Default: 127.0.0.1 and the
    /// service's own port (order 8101, inventory 8102, notification 8103).
    #[arg(long, env = "ORDERLINE_LISTEN", value_name = "HOST:PORT", value_parser = parse::address)]
    pub listen: Option<String>,
    #[command(flatten)]
    pub process: Process,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Options {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(args: &[&str]) -> Result<Settings, String> {
        Options::try_parse_from(std::iter::once(&"service").chain(args))
            .map(|o| o.settings)
            .map_err(|e| e.to_string())
    }

    #[test]
    fn a_wrong_setting_is_refused_with_its_option_what_it_was_and_what_it_may_be() {
        for (option, was, may_be) in [
            ("--brokers", "localhost", "HOST:PORT"),
            ("--brokers", "a:9092,", "HOST:PORT"),
            ("--schema-registry", "127.0.0.1:8081", "http://"),
            ("--kafka", "acks", "KEY=VALUE"),
            ("--kafka", "enable.auto.commit=true", "leave it out"),
            ("--listen", "8101", "HOST:PORT"),
            ("--log-format", "xml", "json"),
            ("--log", "order=loud", "info"),
            ("--otlp-endpoint", "127.0.0.1:4318", "http://"),
            ("--shutdown-seconds", "0", "3600"),
        ] {
            let error = parse(&[option, was]).unwrap_err();
            for part in [option, was, may_be] {
                assert!(error.contains(part), "{part} is missing in: {error}");
            }
        }
    }

    #[test]
    fn secrets_are_not_printed() {
        let settings = parse(&[
            "--database",
            "postgres://shop:hunter2@db/shop",
            "--kafka",
            "sasl.password=hunter3",
            "--otlp-endpoint",
            "https://me:hunter4@collector:4318",
        ])
        .unwrap();
        let printed = format!("{settings:?}");
        assert!(!printed.contains("hunter"), "{printed}");
        assert!(printed.contains("sasl.password"), "{printed}");
    }

    #[test]
    fn the_database_is_a_file_of_the_service_unless_one_is_named() {
        let settings = parse(&["--data", "some/where"]).unwrap();
        assert_eq!(settings.storage.url("order").reveal(), "sqlite:some/where/order.db");
        let named = parse(&["--database", "sqlite:x.db"]).unwrap();
        assert_eq!(named.storage.url("order").reveal(), "sqlite:x.db");
    }
}
