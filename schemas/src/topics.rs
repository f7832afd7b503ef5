//! The topics of the shop, from `topics.toml`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

const FILE: &str = include_str!("../topics.toml");
/// What the dead-letter topic of a group is named with.
pub(crate) const DEAD_LETTER_PREFIX: &str = "dead-letter.";

/// A topic as it should be on the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: i32,
    /// How many brokers hold a copy; a smaller cluster gives as many as it has.
    pub replication: i32,
    /// How many copies a record needs to count as written, where there are as many as declared.
    pub min_insync: i32,
    /// What the record key is, in words.
    pub key: String,
    /// The full names of the record types on it; empty on a dead-letter topic, which takes any.
    pub records: Vec<String>,
    /// The consumer groups that read it.
    pub groups: Vec<String>,
    /// Settings as Kafka names them (`retention.ms`), without those that [`Topic::settings`] adds.
    pub config: BTreeMap<String, String>,
}

impl Topic {
    /// All settings of the topic with so many copies. Where there are several, one may be away and
    /// records still count as written.
    pub fn settings(&self, copies: i32) -> BTreeMap<String, String> {
        let min_insync = self.min_insync.min(copies - 1).max(1);
        let mut settings = self.config.clone();
        settings.insert("min.insync.replicas".into(), min_insync.to_string());
        settings
    }
}

/// Every topic: the shop's own in the order of the file, then a dead-letter topic for each group.
pub fn declared() -> Vec<Topic> {
    let file: File = toml::from_str(FILE).expect("topics.toml is read by a test");
    let groups: BTreeSet<String> = file.topic.iter().flat_map(|t| t.groups.clone()).collect();
    let defaults = file.defaults;
    let own = file.topic.into_iter().map(|topic| {
        let space = topic.name.replace('-', "_");
        Topic {
            partitions: topic.partitions.unwrap_or(defaults.partitions),
            replication: topic.replication.unwrap_or(defaults.replication),
            min_insync: topic.min_insync.unwrap_or(defaults.min_insync),
            records: topic.records.iter().map(|r| format!("orderline.{space}.{r}")).collect(),
            name: topic.name,
            key: topic.key,
            groups: topic.groups,
            config: texts(&topic.config),
        }
    });
    let dead = groups.into_iter().map(|group| Topic {
        name: format!("{DEAD_LETTER_PREFIX}{group}"),
        partitions: defaults.partitions,
        replication: defaults.replication,
        min_insync: defaults.min_insync,
        key: file.dead_letters.key.clone(),
        records: Vec::new(),
        groups: Vec::new(),
        config: texts(&file.dead_letters.config),
    });
    own.chain(dead).collect()
}

/// Kafka takes every setting as text; the file writes numbers as numbers.
fn texts(config: &BTreeMap<String, toml::Value>) -> BTreeMap<String, String> {
    let text = |value: &toml::Value| match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    config.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    defaults: Defaults,
    topic: Vec<Declared>,
    dead_letters: DeadLetters,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Defaults {
    partitions: i32,
    replication: i32,
    min_insync: i32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Declared {
    name: String,
    partitions: Option<i32>,
    replication: Option<i32>,
    min_insync: Option<i32>,
    key: String,
    records: Vec<String>,
    groups: Vec<String>,
    #[serde(default)]
    config: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DeadLetters {
    key: String,
    #[serde(default)]
    config: BTreeMap<String, toml::Value>,
}
