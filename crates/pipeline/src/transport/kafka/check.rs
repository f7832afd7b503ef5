//! Whether librdkafka takes the settings, before anything begins with them.

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseProducer, ProducerContext};
use rdkafka::types::RDKafkaConfRes;
use rdkafka::{ClientConfig, ClientContext};

use super::Kafka;

/// Words in the names of properties that hold secrets.
const SECRET: [&str; 5] = ["password", "passphrase", "secret", "pem", "oauthbearer.config"];

/// A setting that librdkafka does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSetting {
    /// Its name; none where some do not go together.
    pub name: Option<String>,
    /// Its value; none where it may be a secret, as it may where the name is not known.
    pub value: Option<String>,
    /// librdkafka's words.
    pub why: String,
}

impl Kafka {
    /// Tries each of the settings alone, and all together in a consumer and a producer that have no
    /// broker to connect to.
    pub fn check(&self) -> Result<(), WrongSetting> {
        for (name, value) in &self.settings {
            let mut alone = ClientConfig::new();
            alone.set(name, value);
            if let Err(error) = alone.create_native_config() {
                return Err(WrongSetting {
                    name: Some(name.clone()),
                    value: may_be_told(name, &error).then(|| value.clone()),
                    why: why(error),
                });
            }
        }
        // Without a group there is none to leave.
        let consumer =
            self.consumer_config("").remove("group.id").remove("bootstrap.servers").clone();
        let producer = self.producer_config().remove("bootstrap.servers").clone();
        let together = |error| WrongSetting { name: None, value: None, why: why(error) };
        let _: BaseConsumer<Mute> = consumer.create_with_context(Mute).map_err(together)?;
        let _: BaseProducer<Mute> = producer.create_with_context(Mute).map_err(together)?;
        Ok(())
    }
}

fn may_be_told(name: &str, error: &KafkaError) -> bool {
    let is_known =
        !matches!(error, KafkaError::ClientConfig(RDKafkaConfRes::RD_KAFKA_CONF_UNKNOWN, ..));
    is_known && !SECRET.iter().any(|word| name.contains(word))
}

/// The error as it prints itself would repeat the value.
fn why(error: KafkaError) -> String {
    let words = match error {
        KafkaError::ClientConfig(_, words, _, _) | KafkaError::ClientCreation(words) => words,
        KafkaError::Nul(_) => "holds a NUL".to_owned(),
        other => other.to_string(),
    };
    words.trim().to_owned()
}

/// That a client has no broker is no news.
struct Mute;

impl ClientContext for Mute {
    fn log(&self, _: RDKafkaLogLevel, _: &str, _: &str) {}

    fn error(&self, _: KafkaError, _: &str) {}
}

impl ConsumerContext for Mute {}

impl ProducerContext for Mute {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)]) -> Result<(), WrongSetting> {
        let mut kafka = Kafka::new("127.0.0.1:9", "test");
        kafka.settings = settings.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
        kafka.check()
    }

    #[test]
    fn a_setting_that_librdkafka_does_not_take_is_named_with_its_reason() {
        for (name, value, reason) in [
            ("linger.ms", "abc", "Invalid value"),
            ("linger.ms", "-1", "range"),
            ("linger.msec", "5", "No such configuration property"),
            ("", "5", "No such configuration property"),
            ("compression.type", "zip", "zip"),
            ("socket.keepalive.enable", "perhaps", "bool"),
            ("client.rack", "a\0b", "NUL"),
        ] {
            let wrong = check(&[("receive.message.max.bytes", "200000000"), (name, value)]);
            let wrong = wrong.expect_err(name);
            assert_eq!(wrong.name.as_deref(), Some(name));
            assert!(wrong.why.contains(reason), "{name}={value}: {wrong:?}");
            assert_eq!(wrong.value.is_some(), !reason.contains("No such"), "{name}={value}");
        }
    }

    #[test]
    fn settings_that_do_not_go_together_are_refused_and_no_secret_is_told() {
        assert_eq!(check(&[("compression.type", "zstd"), ("session.timeout.ms", "20000")]), Ok(()));
        for (settings, reason) in [
            (&[("session.timeout.ms", "400000")][..], "max.poll.interval.ms"),
            (&[("acks", "1")], "acks"),
            (&[("security.protocol", "ssl"), ("ssl.key.pem", "hunter2")], "ssl.key.pem"),
            (
                &[
                    ("security.protocol", "sasl_plaintext"),
                    ("sasl.mechanism", "NONE"),
                    ("sasl.password", "hunter2"),
                ],
                "mechanism",
            ),
        ] {
            let settings = &[settings, &[("sasl.username", "me")]].concat();
            let wrong = check(settings).expect_err(settings[0].0);
            assert_eq!(wrong.name, None, "{wrong:?}");
            assert!(wrong.why.contains(reason), "{wrong:?}");
            assert!(!wrong.why.contains("hunter2"), "{wrong:?}");
        }
    }
}
