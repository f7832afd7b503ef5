//! Who may do what with the topics and groups, from `access.toml`.

use serde::Deserialize;

use crate::topics::DEAD_LETTER_PREFIX;

const FILE: &str = include_str!("../access.toml");

/// A user of the broker, and all that it may do.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct User {
    /// The name it logs in by.
    pub name: String,
    /// Topics it may read; `*` is every topic.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Topics it may write to.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Consumer groups it may be a member of.
    #[serde(default)]
    pub joins: Vec<String>,
    /// Consumer groups whose positions it may look at; `*` is every group.
    #[serde(default)]
    pub watches: Vec<String>,
    /// Topics whose settings it may look at; `*` is every topic.
    #[serde(default)]
    pub inspects: Vec<String>,
    /// Topics it may create and whose settings it may change; `*` is every topic.
    #[serde(default)]
    pub manages: Vec<String>,
}

impl User {
    /// Topics it may write to, with the dead letters of its groups.
    pub fn all_writes(&self) -> Vec<String> {
        let of_services = self.joins.iter().filter(|group| !group.ends_with('*'));
        let letters = of_services.map(|group| format!("{DEAD_LETTER_PREFIX}{group}"));
        self.writes.iter().cloned().chain(letters).collect()
    }
}

/// Every user, in the order of the file.
pub fn access() -> Vec<User> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        user: Vec<User>,
    }
    let file: File = toml::from_str(FILE).expect("access.toml is read by a test");
    file.user
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_name_is_that_of_a_declared_topic_or_group() {
        let declared = crate::declared();
        let topics: BTreeSet<&str> = declared.iter().map(|t| t.name.as_str()).collect();
        let groups: BTreeSet<&str> =
            declared.iter().flat_map(|t| &t.groups).map(|g| &**g).collect();
        for user in access() {
            let known =
                |topic: &String| ["*", "_schemas"].contains(&&**topic) || topics.contains(&**topic);
            let User { reads, writes, inspects, manages, .. } = &user;
            for topic in reads.iter().chain(writes).chain(inspects).chain(manages) {
                assert!(known(topic), "{}: there is no topic {topic}", user.name);
            }
            for group in user.joins.iter().filter(|group| !group.ends_with('*')) {
                assert!(groups.contains(&**group), "{}: there is no group {group}", user.name);
            }
        }
    }

    #[test]
    fn a_member_of_a_group_may_read_what_the_group_reads() {
        for user in access() {
            for topic in crate::declared() {
                let reads = user.reads.iter().any(|read| *read == topic.name || read == "*");
                let member = topic.groups.iter().any(|group| user.joins.contains(group));
                assert!(reads || !member, "{} cannot read {}", user.name, topic.name);
            }
        }
    }

    #[test]
    fn nobody_but_the_shop_as_a_whole_may_do_what_two_services_do() {
        let services = ["order", "product", "cart", "inventory", "notification", "user", "payment"];
        for (i, one) in services.iter().enumerate() {
            for two in &services[i + 1..] {
                let of = |name: &str| access().into_iter().find(|user| user.name == name);
                let (one, two) = (of(one).expect("declared"), of(two).expect("declared"));
                let both = one.all_writes().into_iter().find(|t| two.all_writes().contains(t));
                assert_eq!(both, None, "{} and {}", one.name, two.name);
            }
        }
    }
}
