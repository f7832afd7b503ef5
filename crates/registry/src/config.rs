use std::time::Duration;

use pipeline::transport::kafka::Refusals;

use crate::compat::Level;

/// What a registry needs to know to run.
#[derive(Clone)]
pub struct Config {
    /// Kafka brokers, `HOST:PORT`, separated by commas.
    pub brokers: String,
    /// The topic that holds the registry's state; instances that share it are one registry.
    /// `_schemas` by default.
    pub topic: String,
    /// Replicas of the topic when it has to be created; fewer where there are fewer brokers. 3 by
    /// default.
    pub replication_factor: u16,
    /// The compatibility level where none is set. `BACKWARD` by default.
    pub compatibility: Level,
    /// How long a write may take before the client is told that its fate is unknown. 10 s by
    /// default.
    pub write_timeout: Duration,
    /// How long to wait for the broker at the start before giving up. 60 s by default.
    pub start_timeout: Duration,
    /// What is refused for its size.
    pub limits: Limits,
    /// Further librdkafka properties, such as those for TLS and SASL. May hold secrets, and is
    /// therefore never printed.
    pub kafka: Vec<(String, String)>,
    /// Tells what the client's errors say about the settings.
    pub refusals: Refusals,
    /// Tells this start of this instance from every other one.
    pub instance: String,
}

/// What is refused for its size.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request's body. 1 MiB by default.
    pub body: usize,
    /// JSON levels of a schema, at most 120. 96 by default: about 30 records in one another.
    pub nesting: usize,
    /// Bytes of a subject's name. 512 by default.
    pub subject: usize,
}

/// A setting that cannot work.
#[derive(Debug, thiserror::Error)]
#[error("{option}: {problem}")]
pub struct InvalidConfig {
    option: &'static str,
    problem: String,
}

impl Config {
    /// The defaults, for these brokers.
    pub fn new(brokers: impl Into<String>) -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "instances must never share a name; nothing is replayed from it, since the log is the record"
        )]
        let instance = uuid::Uuid::now_v7().simple().to_string();
        Self {
            brokers: brokers.into(),
            topic: "_schemas".into(),
            replication_factor: 3,
            compatibility: Level::Backward,
            write_timeout: Duration::from_secs(10),
            start_timeout: Duration::from_secs(60),
            limits: Limits::default(),
            kafka: Vec::new(),
            refusals: Refusals::default(),
            instance,
        }
    }

    /// Names the first setting that cannot work.
    pub fn validate(&self) -> Result<(), InvalidConfig> {
        let is_address = |broker: &str| {
            let (host, port) = broker.trim().rsplit_once(':').unwrap_or(("", ""));
            !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
        };
        let is_topic_char = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let topic = &self.topic;
        let Limits { body, nesting, subject } = self.limits;
        let rules: [(bool, &'static str, String); 8] = [
            (
                self.brokers.split(',').all(is_address),
                "--brokers",
                format!("`{}` is not a list of HOST:PORT separated by commas", self.brokers),
            ),
            (
                (1..=249).contains(&topic.len()) && topic.chars().all(is_topic_char),
                "--topic",
                format!(
                    "`{topic}` is not a topic name: use up to 249 letters, digits, dots, dashes and underscores"
                ),
            ),
            (
                (1..=1_000).contains(&self.replication_factor),
                "--replication-factor",
                format!("{} replicas make no sense: use 1 to 1000", self.replication_factor),
            ),
            (
                self.write_timeout >= Duration::from_millis(100),
                "--write-timeout-ms",
                "no write is that quick: use 100 or more".into(),
            ),
            (
                (1_024..=64 << 20).contains(&body),
                "--max-body-bytes",
                format!("{body} is out of bounds: use 1024 to 67108864"),
            ),
            (
                (3..=120).contains(&nesting),
                "--max-nesting",
                format!("{nesting} is out of bounds: use 3 to 120"),
            ),
            (
                (1..=65_536).contains(&subject),
                "--max-subject-bytes",
                format!("{subject} is out of bounds: use 1 to 65536"),
            ),
            (
                self.kafka.iter().all(|(key, _)| !OWN_PROPERTIES.contains(&key.as_str())),
                "--kafka",
                format!("the registry sets {} itself: leave them out", OWN_PROPERTIES.join(", ")),
            ),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            None => Ok(()),
            Some((_, option, problem)) => Err(InvalidConfig { option, problem }),
        }
    }
}

/// Properties that the correctness of the log rests on.
const OWN_PROPERTIES: [&str; 6] = [
    "acks",
    "auto.offset.reset",
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.idempotence",
    "enable.partition.eof",
];

impl Default for Limits {
    fn default() -> Self {
        Self { body: 1 << 20, nesting: 96, subject: 512 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_setting_is_refused_by_the_name_of_its_option() {
        assert!(Config::new("a:1,b:2").validate().is_ok());
        type Spoil = fn(&mut Config);
        let wrong: [(&str, Spoil); 8] = [
            ("--brokers", |c| c.brokers = "localhost".into()),
            ("--brokers", |c| c.brokers = "a:9092,".into()),
            ("--topic", |c| c.topic = "a b".into()),
            ("--replication-factor", |c| c.replication_factor = 0),
            ("--write-timeout-ms", |c| c.write_timeout = Duration::ZERO),
            ("--max-body-bytes", |c| c.limits.body = 10),
            ("--max-nesting", |c| c.limits.nesting = 1_000),
            ("--kafka", |c| c.kafka.push(("acks".into(), "0".into()))),
        ];
        for (option, spoil) in wrong {
            let mut config = Config::new("a:1");
            spoil(&mut config);
            let error = config.validate().unwrap_err().to_string();
            assert!(error.starts_with(option), "{error}");
        }
    }

    #[test]
    fn no_two_starts_share_a_name() {
        assert_ne!(Config::new("a:1").instance, Config::new("a:1").instance);
    }
}
