use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::config::Config;

/// Room for a record's key and the JSON around a schema.
const OVERHEAD: usize = 64 << 10;

pub(super) fn base(config: &Config) -> ClientConfig {
    let mut client = ClientConfig::new();
    client
        .set("client.id", "orderline-registry")
        .set("socket.keepalive.enable", "true")
        .set("reconnect.backoff.max.ms", "1000")
        // Where librdkafka says that a broker hangs up.
        .set_log_level(RDKafkaLogLevel::Info);
    for (key, value) in &config.kafka {
        client.set(key, value);
    }
    client.set("bootstrap.servers", &config.brokers);
    client
}

/// To ask for a topic must not make it, whatever the broker allows.
pub(super) fn admin(config: &Config) -> ClientConfig {
    let mut client = base(config);
    client.set("allow.auto.create.topics", "false");
    client
}

/// A group name is required to assign a partition, but no group is ever joined and nothing is
/// committed: every start reads the whole log.
pub(super) fn consumer(config: &Config) -> ClientConfig {
    let mut client = base(config);
    client
        .set("group.id", "orderline-registry")
        .set("enable.auto.commit", "false")
        .set("enable.auto.offset.store", "false")
        .set("enable.partition.eof", "true")
        .set("auto.offset.reset", "error")
        .set("fetch.wait.max.ms", "100")
        .set("fetch.message.max.bytes", max_record(config).to_string())
        .set("allow.auto.create.topics", "false");
    client
}

pub(super) fn producer(config: &Config) -> ClientConfig {
    let mut client = base(config);
    client
        .set("acks", "all")
        .set("enable.idempotence", "true")
        .set("linger.ms", "0")
        .set("message.max.bytes", max_record(config).to_string())
        .set("message.timeout.ms", config.write_timeout.as_millis().to_string());
    client
}

pub(super) fn max_record(config: &Config) -> usize {
    config.limits.body + OVERHEAD
}
