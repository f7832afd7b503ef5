//! What an option's text may be. The messages follow clap's, which name the option and the value.

use super::Secret;

/// Properties that the engine's promises rest on.
const OWN: [&str; 10] = [
    "bootstrap.servers",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    "message.timeout.ms",
    "partition.assignment.strategy",
    "partitioner",
    "statistics.interval.ms",
];

pub(super) fn brokers(text: &str) -> Result<String, String> {
    for broker in text.split(',') {
        address(broker.trim())
            .map_err(|_| "write each broker as HOST:PORT, with commas between them".to_owned())?;
    }
    Ok(text.to_owned())
}

pub(super) fn address(text: &str) -> Result<String, String> {
    match text.rsplit_once(':') {
        Some((host, port)) if !host.is_empty() && port.parse::<u16>().is_ok() => {
            Ok(text.to_owned())
        }
        _ => Err("write it as HOST:PORT, as in 127.0.0.1:8101".into()),
    }
}

/// A URL that may stand in messages.
pub(super) fn registry_url(text: &str) -> Result<String, String> {
    if text.contains('@') {
        return Err("leave out the user: --schema-registry-user names it".into());
    }
    url(text)
}

pub(super) fn url(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(text.to_owned()),
        _ => Err("write it as http://HOST:PORT or https://HOST:PORT".into()),
    }
}

/// OpenTelemetry says of its variables that an empty one is as good as none.
pub(super) fn otlp(text: &str) -> Result<Secret, String> {
    if !text.is_empty() {
        url(text)?;
    }
    Ok(Secret::from(text))
}

pub(super) fn property(text: &str) -> Result<(String, Secret), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    let key = key.trim();
    if OWN.contains(&key) {
        return Err(format!("{key} is set by the program itself: leave it out"));
    }
    Ok((key.to_owned(), Secret::from(value)))
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match text.parse::<tracing_subscriber::EnvFilter>() {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!("{error}; write it as info or as info,pipeline=debug")),
    }
}
