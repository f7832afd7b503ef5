//! The settings of topics, on the broker and as declared.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use rdkafka::admin::{
    AdminOptions, AlterConfig, ConfigSource, OwnedResourceSpecifier, ResourceSpecifier,
};
use shop_events::Topic;

use crate::broker::{Admin, PATIENCE};

/// Setting by name.
pub(super) type Config = BTreeMap<String, String>;

/// A topic's settings on the broker.
#[derive(Debug, Default)]
pub(super) struct Actual {
    /// All of them, defaults too.
    all: Config,
    /// Those that were set for the topic itself.
    own: Config,
}

impl Actual {
    /// What is to be changed, as `name: from -> to`.
    pub(super) fn differences(&self, declared: &Config) -> Vec<String> {
        let differing = declared.iter().filter(|(name, value)| self.all.get(*name) != Some(value));
        differing
            .map(|(name, value)| {
                let was = self.all.get(name).map_or("none", String::as_str);
                format!("{name}: {was} -> {value}")
            })
            .collect()
    }
}

/// The settings of these topics, which must be there.
pub(super) async fn describe(
    admin: &Admin,
    topics: &[&Topic],
) -> anyhow::Result<BTreeMap<String, Actual>> {
    let which: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(&topic.name)).collect();
    if which.is_empty() {
        return Ok(BTreeMap::new());
    }
    let described = admin.describe_configs(&which, &options()).await;
    let mut found = BTreeMap::new();
    for resource in described.context("the topics' settings cannot be read")? {
        let resource =
            resource.map_err(|code| anyhow!("a topic's settings cannot be read: {code}"))?;
        let OwnedResourceSpecifier::Topic(name) = resource.specifier else { continue };
        let mut actual = Actual::default();
        for entry in resource.entries {
            let Some(value) = entry.value else { continue };
            if entry.source == ConfigSource::DynamicTopic {
                actual.own.insert(entry.name.clone(), value.clone());
            }
            actual.all.insert(entry.name, value);
        }
        found.insert(name, actual);
    }
    Ok(found)
}

/// Sets what is declared. The request replaces all that was set for the topic, so whatever else
/// somebody has set goes into it too.
pub(super) async fn alter(
    admin: &Admin,
    topic: &Topic,
    declared: &Config,
    actual: &Actual,
) -> anyhow::Result<()> {
    let mut request = AlterConfig::new(ResourceSpecifier::Topic(&topic.name));
    for (name, value) in actual.own.iter().chain(declared) {
        request = request.set(name, value);
    }
    let answers = admin.alter_configs([&request], &options()).await;
    for answer in answers.with_context(|| changes_none(topic, actual))? {
        answer.map_err(|(_, code)| {
            anyhow!(
                "{}: the broker refuses the settings in schemas/topics.toml: {code}",
                topic.name
            )
        })?;
    }
    Ok(())
}

/// Nisshi knows a newer request alone, which librdkafka's Rust binding has no call for.
fn changes_none(topic: &Topic, actual: &Actual) -> String {
    let differing = actual.differences(&topic.config).join(", ");
    format!(
        "{} differs from what is declared ({differing}), and this broker changes nothing",
        topic.name
    )
}

pub(super) fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(3 * PATIENCE)).operation_timeout(Some(3 * PATIENCE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_declared_and_differs_is_changed() {
        let config = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect::<Config>()
        };
        let actual = Actual {
            all: config(&[("cleanup.policy", "delete"), ("retention.ms", "1"), ("x", "y")]),
            own: Config::new(),
        };
        let declared = config(&[("cleanup.policy", "delete"), ("retention.ms", "2")]);
        assert_eq!(actual.differences(&declared), ["retention.ms: 1 -> 2"]);
    }
}
