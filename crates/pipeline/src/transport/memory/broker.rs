//! The log: topics of partitions of records, and the groups that read them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::group::Group;
use super::murmur2;
use crate::db::Outgoing;
use crate::transport::{Progress, SendError, TopicPartition};

/// A record in the log.
#[derive(Debug)]
pub struct Stored {
    pub(crate) topic: Arc<str>,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    pub(crate) timestamp_millis: i64,
    /// What was sent.
    pub record: Outgoing,
}

#[derive(Default)]
pub(super) struct Log {
    pub(super) topics: BTreeMap<Arc<str>, Vec<Vec<Arc<Stored>>>>,
    pub(super) groups: HashMap<String, Group>,
}

/// A broker in memory.
pub struct Broker {
    partitions: i32,
    log: Mutex<Log>,
    unkeyed: AtomicU64,
    failing_sends: AtomicU32,
    failing_commits: AtomicU32,
}

impl Broker {
    pub(super) fn new(partitions: i32) -> Self {
        Broker {
            partitions,
            log: Mutex::default(),
            unkeyed: AtomicU64::new(0),
            failing_sends: AtomicU32::new(0),
            failing_commits: AtomicU32::new(0),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next so many sends store their records and fail all the same, as when an
    /// acknowledgement is lost.
    pub fn lose_acknowledgements(&self, sends: u32) {
        self.failing_sends.store(sends, Ordering::Relaxed);
    }

    /// The next so many commits are refused.
    pub fn refuse_commits(&self, commits: u32) {
        self.failing_commits.store(commits, Ordering::Relaxed);
    }

    pub(super) fn commit_refused(&self) -> bool {
        one_less(&self.failing_commits)
    }

    /// Takes all partitions of a group away at once, as when a session has expired.
    pub fn expire(&self, group: &str) {
        if let Some(group) = self.lock().groups.get_mut(group) {
            group.expire();
        }
    }

    pub(super) fn append(&self, records: Vec<Outgoing>) -> Result<(), SendError> {
        let mut log = self.lock();
        let mut topic = String::new();
        for record in records {
            topic.clone_from(&record.topic);
            let partition = match &record.key {
                Some(key) => murmur2::partition(key, self.partitions),
                None => {
                    let next = self.unkeyed.fetch_add(1, Ordering::Relaxed);
                    i32::try_from(next % u64::from(self.partitions.unsigned_abs())).unwrap_or(0)
                }
            };
            log.append(self.partitions, partition, record);
        }
        log.groups.values().for_each(Group::notify);
        if one_less(&self.failing_sends) {
            return Err(SendError { topic, reason: "the acknowledgement was lost".into() });
        }
        Ok(())
    }

    /// All records of a topic, partition by partition.
    pub fn records(&self, topic: &str) -> Vec<Arc<Stored>> {
        let log = self.lock();
        log.topics.get(topic).into_iter().flatten().flatten().cloned().collect()
    }

    /// What a group has committed of a topic: the next offset of each partition.
    pub fn committed(&self, group: &str, topic: &str) -> BTreeMap<i32, i64> {
        let log = self.lock();
        let committed = log.groups.get(group).map(|g| &g.committed);
        let of_topic = committed.into_iter().flatten().filter(|(p, _)| p.topic == topic);
        of_topic.map(|(p, offset)| (p.partition, *offset)).collect()
    }

    /// How many records a group has not committed of a topic.
    pub fn lag(&self, group: &str, topic: &str) -> i64 {
        let committed = self.committed(group, topic);
        let total = i64::try_from(self.records(topic).len()).unwrap_or(i64::MAX);
        total - committed.values().sum::<i64>()
    }

    pub(super) fn progress(&self, group: &str, topics: &[&str]) -> Vec<Progress> {
        let topics: Vec<Arc<str>> = topics.iter().map(|topic| (*topic).into()).collect();
        let partitions = self.all_partitions(&topics);
        let log = self.lock();
        let committed = log.groups.get(group).map(|group| &group.committed);
        let each = |partition: TopicPartition| Progress {
            committed: committed.and_then(|committed| committed.get(&partition).copied()),
            begin: 0,
            end: log.end(&partition),
            partition,
        };
        partitions.into_iter().map(each).collect()
    }

    pub(super) fn all_partitions(&self, topics: &[Arc<str>]) -> Vec<TopicPartition> {
        let each = |topic: &Arc<str>| {
            let topic = topic.to_string();
            (0..self.partitions)
                .map(move |partition| TopicPartition { topic: topic.clone(), partition })
        };
        topics.iter().flat_map(each).collect()
    }
}

impl Log {
    fn append(&mut self, partitions: i32, partition: i32, record: Outgoing) {
        let name: Arc<str> = match self.topics.get_key_value(record.topic.as_str()) {
            Some((name, _)) => name.clone(),
            None => record.topic.as_str().into(),
        };
        let logs = self
            .topics
            .entry(name.clone())
            .or_insert_with(|| vec![Vec::new(); usize::try_from(partitions).unwrap_or(1)]);
        let Some(log) = usize::try_from(partition).ok().and_then(|p| logs.get_mut(p)) else {
            return;
        };
        let offset = i64::try_from(log.len()).unwrap_or(i64::MAX);
        log.push(Arc::new(Stored {
            topic: name,
            partition,
            offset,
            timestamp_millis: offset,
            record,
        }));
    }

    pub(super) fn at(&self, partition: &TopicPartition, offset: i64) -> Option<Arc<Stored>> {
        self.log(partition)?.get(usize::try_from(offset).ok()?).cloned()
    }

    pub(super) fn end(&self, partition: &TopicPartition) -> i64 {
        self.log(partition).map_or(0, |log| i64::try_from(log.len()).unwrap_or(i64::MAX))
    }

    fn log(&self, partition: &TopicPartition) -> Option<&Vec<Arc<Stored>>> {
        let index = usize::try_from(partition.partition).ok()?;
        self.topics.get(partition.topic.as_str())?.get(index)
    }
}

fn one_less(counter: &AtomicU32) -> bool {
    counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
}
