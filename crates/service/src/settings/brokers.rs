use std::path::PathBuf;

use clap::{ArgMatches, Args, FromArgMatches};
use pipeline::transport::kafka::{Kafka, SettingNames, WrongSetting};

use super::login::{Login, LoginNames, ca_file, login, not_an_argument, wrong};
use super::{Secret, parse};

/// Where the brokers are, and who we are to them.
#[derive(Debug, Clone)]
pub struct Brokers {
    /// `HOST:PORT`, separated by commas.
    pub brokers: String,
    tls: bool,
    ca: Option<PathBuf>,
    login: Option<Login>,
    properties: Vec<(String, Secret)>,
}

#[derive(Debug, Clone, Args)]
#[group(skip)]
struct Options {
    /// Kafka brokers, HOST:PORT, separated by commas.
    #[arg(
        long,
        env = "ORDERLINE_BROKERS",
        value_name = "HOST:PORT,…",
        default_value = "127.0.0.1:9092",
        value_parser = parse::brokers
    )]
    brokers: String,
    /// Speak TLS with the brokers; their certificates must be signed by an authority that the
    /// system trusts. Off by default.
    #[arg(long, env = "ORDERLINE_KAFKA_TLS")]
    kafka_tls: bool,
    /// The certificate authority of the brokers, a file in PEM; means --kafka-tls.
    #[arg(long, env = "ORDERLINE_KAFKA_CA", value_name = "FILE")]
    kafka_ca: Option<PathBuf>,
    /// The user to log in to the brokers as, by SCRAM-SHA-512. The password is in
    /// ORDERLINE_KAFKA_PASSWORD or in the file that --kafka-password-file names.
    #[arg(long, env = "ORDERLINE_KAFKA_USER", value_name = "NAME")]
    kafka_user: Option<String>,
    /// The file that holds the user's password.
    #[arg(long, env = "ORDERLINE_KAFKA_PASSWORD_FILE", value_name = "FILE")]
    kafka_password_file: Option<PathBuf>,
    /// The environment alone may give it.
    #[arg(long, env = "ORDERLINE_KAFKA_PASSWORD", hide = true, hide_env_values = true)]
    kafka_password: Option<Secret>,
    /// A further librdkafka property, such as those of a certificate of our own
    /// (ssl.certificate.location, ssl.key.location); may be repeated, or separated by semicolons in
    /// the environment. None by default.
    #[arg(
        long,
        env = "ORDERLINE_KAFKA",
        hide_env_values = true,
        value_name = "KEY=VALUE",
        value_delimiter = ';',
        value_parser = parse::property
    )]
    kafka: Vec<(String, Secret)>,
}

const LOGIN: LoginNames = LoginNames {
    user: "--kafka-user",
    password_file: "--kafka-password-file",
    password_env: "ORDERLINE_KAFKA_PASSWORD",
};
const NAMES: SettingNames = SettingNames {
    brokers: "--brokers",
    tls: "--kafka-tls",
    ca: "--kafka-ca",
    user: "--kafka-user",
    password: "--kafka-password-file or ORDERLINE_KAFKA_PASSWORD",
};

impl Brokers {
    fn of(options: Options) -> Result<Self, String> {
        let Options { brokers, kafka_tls, kafka_ca, kafka, .. } = options;
        if let Some(ca) = &kafka_ca {
            ca_file("--kafka-ca", ca)?;
        }
        let (user, file) = (options.kafka_user, options.kafka_password_file);
        let login = login(user, options.kafka_password, file, &LOGIN)?;
        let tls = kafka_tls || kafka_ca.is_some();
        let mut taken = Vec::new();
        if tls || login.is_some() {
            taken.push(("security.protocol", "--kafka-tls, --kafka-ca and --kafka-user"));
        }
        if kafka_ca.is_some() {
            taken.push(("ssl.ca.location", "--kafka-ca"));
        }
        if login.is_some() {
            taken.extend([
                ("sasl.username", "--kafka-user"),
                ("sasl.password", LOGIN.password_file),
            ]);
        }
        for (property, option) in taken {
            if kafka.iter().any(|(key, _)| key == property) {
                return Err(format!("--kafka {property} says what {option} says: leave one out"));
            }
        }
        let brokers = Brokers { brokers, tls, ca: kafka_ca, login, properties: kafka };
        brokers.check()?;
        Ok(brokers)
    }

    /// What librdkafka does not take is refused now, and not when a client is made of it.
    fn check(&self) -> Result<(), String> {
        if self.properties().is_empty() {
            return Ok(());
        }
        self.transport("").check().map_err(|WrongSetting { name, value, why }| {
            let is_free = |name: &String| self.properties.iter().any(|(key, _)| key == name);
            match (name.filter(is_free), value) {
                (Some(name), Some(value)) => format!("--kafka {name}={value}: {why}"),
                (Some(name), None) => format!("--kafka {name}: {why}"),
                (None, _) => format!("--kafka, or an option that begins so: {why}"),
            }
        })
    }

    /// librdkafka's properties, without the brokers' addresses.
    pub fn properties(&self) -> Vec<(String, String)> {
        let mut properties = Vec::new();
        let mut set = |key: &str, value: &str| properties.push((key.to_owned(), value.to_owned()));
        match (self.tls, &self.login) {
            (false, None) => {}
            (true, None) => set("security.protocol", "ssl"),
            (false, Some(_)) => set("security.protocol", "sasl_plaintext"),
            (true, Some(_)) => set("security.protocol", "sasl_ssl"),
        }
        if let Some(ca) = &self.ca {
            set("ssl.ca.location", &ca.display().to_string());
        }
        if let Some(Login { user, password }) = &self.login {
            set("sasl.mechanism", "SCRAM-SHA-512");
            set("sasl.username", user);
            set("sasl.password", password.reveal());
        }
        for (key, value) in &self.properties {
            set(key, value.reveal());
        }
        properties
    }

    /// The brokers, for a program that calls itself `client_id`.
    pub fn transport(&self, client_id: &str) -> Kafka {
        let mut kafka = Kafka::new(&self.brokers, client_id);
        kafka.settings = self.properties().into_iter().collect();
        kafka.names = NAMES;
        kafka
    }

    fn read(matches: &ArgMatches) -> Result<Self, clap::Error> {
        not_an_argument(matches, "kafka_password", &LOGIN.password()).map_err(wrong)?;
        Brokers::of(Options::from_arg_matches(matches)?).map_err(wrong)
    }
}

crate::read_from!(Brokers, Options);
