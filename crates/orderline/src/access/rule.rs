//! What a user may do, as a broker's rules say it.

use std::collections::BTreeSet;

use serde::Serialize;
use shop_events::User;

/// One rule of a broker (an ACL).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Rule {
    pub(super) user: String,
    pub(super) on: Resource,
    /// The topic's or group's name; `*` is every one.
    pub(super) name: String,
    pub(super) operation: Operation,
    /// How it differs from most: the beginning of names, another host than any, a prohibition. The
    /// table has the first alone.
    #[serde(skip_serializing_if = "Beyond::is_none")]
    pub(super) beyond: Beyond,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Resource {
    Topic,
    Group,
    Cluster,
    TransactionalId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Operation {
    All,
    Read,
    Write,
    Create,
    Delete,
    Alter,
    Describe,
    ClusterAction,
    DescribeConfigs,
    AlterConfigs,
    IdempotentWrite,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Beyond {
    pub(super) prefix: bool,
    pub(super) host: String,
    pub(super) denies: bool,
}

impl Beyond {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Beyond {
    fn default() -> Self {
        Beyond { prefix: false, host: "*".into(), denies: false }
    }
}

impl std::fmt::Display for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Rule { user, on, name, operation, beyond } = self;
        let may = if beyond.denies { "must not" } else { "may" };
        let rest = if beyond.prefix { "…" } else { "" };
        write!(f, "{user} {may} {operation:?} {on:?} {name}{rest}")?;
        if beyond.host == "*" { Ok(()) } else { write!(f, " from {}", beyond.host) }
    }
}

/// Every rule that follows from the table.
pub(super) fn declared(users: &[User]) -> BTreeSet<Rule> {
    users.iter().flat_map(of).collect()
}

fn of(user: &User) -> Vec<Rule> {
    use Operation::{Alter, AlterConfigs, Create, Describe, DescribeConfigs, Read, Write};
    let mut rules = Vec::new();
    let mut add = |on: Resource, names: &[String], operations: &[Operation]| {
        for name in names {
            // `console-consumer-*` is what begins so; `*` alone has a meaning of its own.
            let prefix = name.strip_suffix('*').filter(|prefix| !prefix.is_empty());
            rules.extend(operations.iter().map(|operation| Rule {
                user: user.name.clone(),
                on,
                name: prefix.unwrap_or(name).to_owned(),
                operation: *operation,
                beyond: Beyond { prefix: prefix.is_some(), ..Beyond::default() },
            }));
        }
    };
    add(Resource::Topic, &user.reads, &[Read, Describe]);
    add(Resource::Topic, &user.all_writes(), &[Write, Describe]);
    add(Resource::Topic, &user.inspects, &[Describe, DescribeConfigs]);
    add(Resource::Topic, &user.manages, &[Create, Alter, Describe, DescribeConfigs, AlterConfigs]);
    add(Resource::Group, &user.joins, &[Read, Describe]);
    add(Resource::Group, &user.watches, &[Describe]);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_a_group_may_write_its_dead_letters_and_no_others() {
        let rules = declared(&shop_events::access());
        let writes = |topic: &str| {
            let of = |rule: &&Rule| rule.name == topic && rule.operation == Operation::Write;
            rules.iter().filter(of).map(|rule| rule.user.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(writes("dead-letter.order"), ["order", "shop"]);
        assert_eq!(writes("dead-letter.email"), ["notification", "shop"]);
    }

    #[test]
    fn a_rule_reads_as_a_sentence() {
        let rules = declared(&shop_events::access());
        let said: Vec<String> = rules.iter().map(ToString::to_string).collect();
        assert!(said.contains(&"order may Write Topic orders".into()), "{said:?}");
    }
}
