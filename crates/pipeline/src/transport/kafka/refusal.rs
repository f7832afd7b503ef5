//! Why a broker is not to be talked to, in words that name the setting to look at.
//!
//! librdkafka tries again for ever, and so does the engine: passwords and certificates are renewed
//! while a service runs. What was wrong is told meanwhile.

use std::path::PathBuf;

use rdkafka::error::KafkaError;
use rdkafka::types::RDKafkaErrorCode;

use super::{Kafka, certificate};

/// Why a broker hangs up, most of the time.
const WANTS_TLS: &str = "it might want TLS";
const WANTS_LOGIN: &str = "it might want a login";

/// How the program calls the settings that an error may have to do with.
#[derive(Debug, Clone, Copy)]
pub struct SettingNames {
    /// The brokers' addresses.
    pub brokers: &'static str,
    /// That the connection is encrypted.
    pub tls: &'static str,
    /// The file of the certificate authority.
    pub ca: &'static str,
    /// The user.
    pub user: &'static str,
    /// Where the password is.
    pub password: &'static str,
}

/// librdkafka's own names.
impl Default for SettingNames {
    fn default() -> Self {
        SettingNames {
            brokers: "bootstrap.servers",
            tls: "security.protocol",
            ca: "ssl.ca.location",
            user: "sasl.username",
            password: "sasl.password",
        }
    }
}

/// Tells a refusal from an outage.
#[derive(Debug, Clone, Default)]
pub struct Refusals {
    names: SettingNames,
    ca: Option<PathBuf>,
    tls: bool,
    user: Option<String>,
}

impl Refusals {
    pub(super) fn of(kafka: &Kafka) -> Self {
        let setting = |name: &str| kafka.settings.get(name).cloned();
        Refusals {
            names: kafka.names,
            ca: setting("ssl.ca.location").map(PathBuf::from),
            tls: setting("security.protocol").is_some_and(|it| it.to_lowercase().ends_with("ssl")),
            user: setting("sasl.username"),
        }
    }

    /// What a client's error says about the settings; nothing where it is an outage like any other.
    ///
    /// May connect to the broker to look at its certificate, and take a few seconds.
    pub fn explain(&self, error: &KafkaError, reason: &str) -> Option<String> {
        let SettingNames { brokers, tls, ca, user, password } = self.names;
        let why = match error.rdkafka_error_code()? {
            RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed => {
                format!("the broker refuses the login: look at {user} and {password}")
            }
            RDKafkaErrorCode::SSL if reason.contains("certificate verify failed") => {
                let found = address(reason)
                    .and_then(|(host, port)| certificate::look(host, port, self.ca.as_deref()));
                match found {
                    Some(what) => format!(
                        "the broker's certificate is refused ({what}): {}",
                        certificate::advice(&what, brokers, ca)
                    ),
                    None => format!("the broker's certificate is refused: look at {ca}"),
                }
            }
            RDKafkaErrorCode::SSL if reason.contains("client SSL authentication") => {
                "the broker wants a certificate of ours: give ssl.certificate.location and ssl.key.location".to_owned()
            }
            RDKafkaErrorCode::SSL | RDKafkaErrorCode::BrokerTransportFailure
                if is_plaintext(reason) =>
            {
                format!("the broker does not speak TLS on this port: look at {tls} and {brokers}")
            }
            RDKafkaErrorCode::SSL => format!("TLS fails: look at {tls} and {ca}"),
            RDKafkaErrorCode::BrokerTransportFailure if reason.contains(WANTS_TLS) => {
                format!("the broker hangs up at once, as one does that wants TLS: look at {tls}")
            }
            RDKafkaErrorCode::BrokerTransportFailure
                if reason.contains(WANTS_LOGIN) =>
            {
                format!("the broker hangs up at once, as one does that wants a login: look at {user}")
            }
            _ => return None,
        };
        Some(format!("{why} ({})", words(reason)))
    }

    /// A connection that the broker closes is no error to librdkafka; it only writes that down. How
    /// far the connection had got tells that TLS or a login is missing.
    pub(super) fn logged(&self, message: &str) -> Option<(KafkaError, String)> {
        if !message.contains("Disconnected") {
            return None;
        }
        let guess = if !self.tls && message.contains("in state APIVERSION_QUERY") {
            WANTS_TLS
        } else if self.user.is_none() && message.contains("in state UP") && is_young(message) {
            WANTS_LOGIN
        } else {
            return None;
        };
        // `[thrd:host:port/1]: host:port/1: Disconnected: …`
        let said = message.split_once("]: ").map_or(message, |(_, said)| said);
        let error = KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure);
        Some((error, format!("{}: {guess}", words(said))))
    }

    /// What the broker's answer says about the user's rights; nothing where it is about something
    /// else.
    pub fn denied(&self, error: &KafkaError, what: &str) -> Option<String> {
        let right = match error.rdkafka_error_code()? {
            RDKafkaErrorCode::TopicAuthorizationFailed => "the right to this topic",
            RDKafkaErrorCode::GroupAuthorizationFailed => "the right to this group",
            RDKafkaErrorCode::ClusterAuthorizationFailed => "the right to write to any topic",
            _ => return None,
        };
        let who = match &self.user {
            Some(user) => format!("the user {user}"),
            None => "a client without a login".to_owned(),
        };
        let user = self.names.user;
        Some(format!(
            "{who} lacks {right}: have it granted on the broker, or look at {user} ({what})"
        ))
    }
}

/// An error's words without the part that differs each time: `(after 3ms in state CONNECT)`.
pub(super) fn words(reason: &str) -> &str {
    reason.split(" (after ").next().unwrap_or(reason)
}

/// `(after 12ms in state UP)`: whether the connection ended before two seconds had passed.
fn is_young(message: &str) -> bool {
    let after = message.rsplit_once("(after ").and_then(|(_, rest)| rest.split_once("ms"));
    after.and_then(|(millis, _)| millis.parse().ok()).is_some_and(|millis: u32| millis < 2_000)
}

/// What OpenSSL and librdkafka say of a server that answers something else than TLS.
fn is_plaintext(reason: &str) -> bool {
    let said = ["a PLAINTEXT broker listener?", "wrong version number", "packet length too long"];
    said.iter().any(|words| reason.contains(words))
}

/// `sasl_ssl://host:9092/1: …`, as each of librdkafka's errors about a broker begins.
fn address(reason: &str) -> Option<(&str, u16)> {
    let (_, rest) = reason.split_once("://")?;
    let (host, port) = rest.split('/').next()?.rsplit_once(':')?;
    Some((host, port.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_broker_that_an_error_is_about_is_found_in_its_words() {
        let words = "sasl_ssl://db.example:9093/bootstrap: SSL handshake failed: x";
        assert_eq!(address(words), Some(("db.example", 9093)));
        assert_eq!(address("1/1 brokers are down"), None);
    }

    #[test]
    fn a_connection_that_is_closed_at_once_is_taken_for_what_it_mostly_is() {
        let plain = Refusals::default();
        let tls = Refusals { tls: true, ..Refusals::default() };
        let said = |refusals: &Refusals, state: &str| {
            let line = format!("[thrd:h:1/boot]: h:1/boot: Disconnected: x (after {state})");
            let (error, words) = refusals.logged(&line)?;
            refusals.explain(&error, &words)
        };
        let asks = said(&plain, "3ms in state APIVERSION_QUERY").unwrap();
        assert!(asks.contains("security.protocol"), "{asks}");
        assert_eq!(said(&tls, "3ms in state APIVERSION_QUERY"), None);
        let asks = said(&tls, "13ms in state UP").unwrap();
        assert!(asks.contains("sasl.username"), "{asks}");
        assert_eq!(said(&tls, "600000ms in state UP"), None);
    }

    #[test]
    fn an_outage_is_no_refusal() {
        let refusals = Refusals::default();
        let down = KafkaError::Global(RDKafkaErrorCode::BrokerTransportFailure);
        let said = "plaintext://127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused";
        assert_eq!(refusals.explain(&down, said), None);
        assert_eq!(refusals.denied(&down, said), None);
    }
}
