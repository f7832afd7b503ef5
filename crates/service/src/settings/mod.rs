//! What a process can be told, by option or by environment; each concern has its struct.

mod brokers;
mod callers;
mod cluster;
mod login;
mod loopback;
mod parse;
mod process;
mod read_from;
mod schema_registry;
mod secret;
mod storage;
mod time;

use clap::Args;

pub use brokers::Brokers;
pub use callers::Callers;
pub use cluster::Cluster;
pub use login::{SecretNames, secret};
pub use loopback::is_loopback;
pub use process::{LogFormat, Process};
pub use schema_registry::SchemaRegistry;
pub use secret::Secret;
pub use storage::Storage;
pub use time::{Days, Seconds, Time};

/// Everything a service can be told.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    #[command(flatten)]
    pub cluster: Cluster,
    #[command(flatten)]
    pub storage: Storage,
    /// Where HTTP is served, HOST:PORT; port 0 takes a free one. Default: 127.0.0.1 and the
    /// service's own port (order 8101, inventory 8102, notification 8103, user 8104, product 8105,
    /// cart 8106, payment 8107).
    #[arg(long, env = "ORDERLINE_LISTEN", value_name = "HOST:PORT", value_parser = parse::address)]
    pub listen: Option<String>,
    #[command(flatten)]
    pub callers: Callers,
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
            ("--schema-registry", "http://me@127.0.0.1:8081", "--schema-registry-user"),
            ("--kafka-ca", "/no/such/ca.pem", "cannot be read"),
            ("--schema-registry-ca", "/no/such/ca.pem", "cannot be read"),
            ("--kafka-user", "order", "--kafka-password-file"),
            ("--kafka-password-file", "/no/such/file", "cannot be read"),
            ("--schema-registry-user", "order", "--schema-registry-password-file"),
            ("--database-file", "/no/such/file", "cannot be read"),
            ("--database-password-file", "/no/such/file", "cannot be read"),
            ("--kafka", "acks", "KEY=VALUE"),
            ("--kafka", "enable.auto.commit=true", "leave it out"),
            ("--kafka", "message.timeout.ms=5000", "leave it out"),
            ("--kafka", "linger.ms=abc", "Invalid value"),
            ("--kafka", "compression.type=zip", "Invalid value"),
            ("--kafka", "linger.ms=-1", "range"),
            ("--kafka", "linger.millis", "KEY=VALUE"),
            ("--listen", "8101", "HOST:PORT"),
            ("--jwks", "ftp://127.0.0.1/keys", "http://"),
            ("--jwks", "http://me@127.0.0.1/keys", "leave out the user"),
            ("--jwks", "/no/such/file", "cannot be read"),
            ("--jwks", "Cargo.toml", "no JWKS"),
            ("--token-issuer", "", "value"),
            ("--trusted-proxies", "10.0.0.0/40", "ADDRESS/BITS"),
            ("--writes-per-account", "many", "COUNT/UNIT"),
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
    fn a_password_is_no_argument() {
        for option in ["--kafka-password", "--schema-registry-password", "--database-password"] {
            let error = parse(&[option, "hunter2"]).unwrap_err();
            assert!(error.contains("ORDERLINE_") && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn what_librdkafka_does_not_take_is_refused_in_its_words_and_tells_no_secret() {
        for (property, words) in [
            ("sasl.pasword=hunter2", "--kafka sasl.pasword: No such configuration property"),
            ("session.timeout.ms=400000", "max.poll.interval.ms"),
            ("acks=1", "acks"),
        ] {
            let error = parse(&["--kafka", property]).unwrap_err();
            assert!(error.contains("--kafka") && error.contains(words), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let twice = ["--kafka", "linger.ms=abc", "--kafka", "linger.ms=5"];
        assert!(parse(&twice).is_ok(), "the last counts");
    }

    #[test]
    fn what_two_options_say_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let password = file("password", "hunter2");
        let ca = file("ca.pem", "-----BEGIN CERTIFICATE-----");
        let login = ["--kafka-user", "me", "--kafka-password-file", &password];
        assert!(parse(&login).is_ok());
        for (options, words) in [
            (&["--kafka-tls", "--kafka", "security.protocol=ssl"][..], "security.protocol"),
            (&["--kafka-ca", &ca, "--kafka", "ssl.ca.location=x"], "ssl.ca.location"),
            (&[&login[..], &["--kafka", "sasl.password=x"]].concat(), "sasl.password"),
            (&["--schema-registry-ca", &ca], "https"),
            (&["--database-file", &password, "--database", "sqlite:x"], "--database-file"),
        ] {
            let error = parse(options).unwrap_err();
            assert!(error.contains(words) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_registrys_password_goes_through_no_network_in_the_clear() {
        let password = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(password.path(), "hunter2\n").unwrap();
        let file = password.path().display().to_string();
        let login = ["--schema-registry-user", "me", "--schema-registry-password-file", &file];
        let with = |urls| parse(&[&login[..], &["--schema-registry", urls]].concat());
        for good in ["https://registry", "http://127.0.0.1:8081,http://[::1]:1,http://localhost"] {
            assert!(with(good).is_ok(), "{good}");
        }
        for wrong in ["http://registry:8081", "https://registry,http://10.0.0.1:8081"] {
            let error = with(wrong).unwrap_err();
            let plain = wrong.split(',').next_back().unwrap();
            for part in ["--schema-registry ", "--schema-registry-user", "https://", plain] {
                assert!(error.contains(part), "{part} is missing in: {error}");
            }
            assert!(!error.contains("hunter2"), "{error}");
            assert!(parse(&["--schema-registry", wrong]).is_ok(), "without a login");
        }
    }

    #[test]
    fn the_protocol_follows_from_tls_and_user() {
        let password = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(password.path(), "hunter2\n").unwrap();
        let file = password.path().display().to_string();
        let login = ["--kafka-user", "me", "--kafka-password-file", &file];
        let protocol = |args: &[&str]| {
            let kafka = parse(args).unwrap().cluster.transport("test");
            kafka.settings.get("security.protocol").cloned().unwrap_or_default()
        };
        assert_eq!(protocol(&[]), "");
        assert_eq!(protocol(&["--kafka-tls"]), "ssl");
        assert_eq!(protocol(&login), "sasl_plaintext");
        assert_eq!(protocol(&[&login[..], &["--kafka-tls"]].concat()), "sasl_ssl");
        let other = [&login[..], &["--kafka", "sasl.mechanism=PLAIN"]].concat();
        let kafka = parse(&other).unwrap().cluster.transport("test");
        assert_eq!(kafka.settings["sasl.mechanism"], "PLAIN");
        assert_eq!(kafka.settings["sasl.password"], "hunter2");
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
