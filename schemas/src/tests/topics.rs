use std::collections::BTreeSet;

use crate::{all, declared};

#[test]
fn each_record_is_on_the_topic_that_lists_it() {
    let listed: BTreeSet<_> = declared()
        .into_iter()
        .flat_map(|t| t.records.into_iter().map(move |r| (t.name.clone(), r)))
        .collect();
    let known: BTreeSet<_> = all().iter().map(|r| (r.topic.into(), r.name.into())).collect();
    assert_eq!(listed, known);
}

#[test]
fn no_topic_is_declared_twice() {
    let topics = declared();
    let names: BTreeSet<_> = topics.iter().map(|t| &t.name).collect();
    assert_eq!(names.len(), topics.len());
}

#[test]
fn every_group_has_a_dead_letter_topic() {
    let topics = declared();
    for group in topics.iter().flat_map(|t| &t.groups) {
        let dead = format!("dead-letter.{group}");
        assert!(topics.iter().any(|t| t.name == dead), "{dead}");
    }
}

#[test]
fn every_topic_has_six_partitions_or_more_and_says_how_it_is_cleaned() {
    for topic in declared() {
        assert!(topic.partitions >= 6, "{topic:?}");
        match topic.config["cleanup.policy"].as_str() {
            "compact" => (),
            "delete" => assert!(topic.config.contains_key("retention.ms"), "{topic:?}"),
            other => panic!("{other}: {topic:?}"),
        }
    }
}

#[test]
fn with_three_copies_two_are_needed_and_any_broker_may_be_away_with_fewer() {
    for topic in declared() {
        let needed = [3, 2, 1].map(|copies| topic.settings(copies)["min.insync.replicas"].clone());
        assert_eq!(needed, ["2", "1", "1"], "{topic:?}");
    }
}
