//! A member of a group on the log in memory.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use super::broker::Broker;
use super::group::Member;
use crate::transport::record::Inner;
use crate::transport::{Connection, Record, Source, SourceEvent, TopicPartition, Watermark};

/// A consumer on the log in memory.
pub struct MemorySource {
    broker: Arc<Broker>,
    group: String,
    id: u64,
    wake: Arc<Notify>,
    pending: Vec<SourceEvent>,
}

impl MemorySource {
    pub(super) fn join(broker: Arc<Broker>, group: &str, topics: &[&str]) -> Self {
        let topics: Vec<Arc<str>> = topics.iter().map(|t| Arc::from(*t)).collect();
        let wants = broker.all_partitions(&topics);
        let wake = Arc::new(Notify::new());
        let id =
            broker.lock().groups.entry(group.to_owned()).or_default().join(wants, wake.clone());
        MemorySource { broker, group: group.to_owned(), id, wake, pending: Vec::new() }
    }

    fn with<R>(&self, look: impl FnOnce(&mut Member) -> R) -> Option<R> {
        let mut log = self.broker.lock();
        log.groups.get_mut(&self.group)?.members.get_mut(&self.id).map(look)
    }
}

impl Source for MemorySource {
    async fn ready(&mut self) {
        self.wake.notified().await;
    }

    fn events(&mut self, into: &mut Vec<SourceEvent>) {
        into.append(&mut self.pending);
        into.extend(self.with(|m| std::mem::take(&mut m.events)).into_iter().flatten());
    }

    fn drain(&mut self, most: usize, into: &mut Vec<Record>) -> usize {
        let before = into.len();
        let mut guard = self.broker.lock();
        let log = &mut *guard;
        let Some(member) = log.groups.get(&self.group).and_then(|g| g.members.get(&self.id)) else {
            return 0;
        };
        // What was assigned since the last look at the events is not known to belong to anyone yet:
        // its records would be passed over, and not come again.
        if !member.events.is_empty() {
            return 0;
        }
        let mut owned = member.owned.clone();
        for (partition, next) in &mut owned {
            while into.len() - before < most {
                let Some(stored) = log.at(partition, *next) else { break };
                into.push(Record(Inner::Memory(stored)));
                *next += 1;
            }
        }
        if let Some(member) =
            log.groups.get_mut(&self.group).and_then(|g| g.members.get_mut(&self.id))
        {
            member.owned = owned;
        }
        into.len() - before
    }

    fn commit(&mut self, offsets: &[(TopicPartition, i64)]) {
        let refused = self.broker.commit_refused();
        let mut log = self.broker.lock();
        let Some(group) = log.groups.get_mut(&self.group) else { return };
        let mut answers = Vec::new();
        for (partition, offset) in offsets {
            let ours = group.members.get(&self.id).is_some_and(|m| m.owned.contains_key(partition));
            let answer = match (refused, ours) {
                (true, _) => Err("refused".to_owned()),
                (_, false) => Err("not assigned to this member".to_owned()),
                _ => {
                    group.committed.insert(partition.clone(), *offset);
                    Ok(())
                }
            };
            answers.push((partition.clone(), *offset, answer));
        }
        self.pending.push(SourceEvent::Committed(answers));
        self.wake.notify_one();
    }

    fn release(&mut self, partitions: &[TopicPartition]) {
        if let Some(group) = self.broker.lock().groups.get_mut(&self.group) {
            group.release(self.id, partitions);
        }
    }

    fn watermarks(&mut self) -> Vec<Watermark> {
        let log = self.broker.lock();
        let owned = log.groups.get(&self.group).and_then(|g| g.members.get(&self.id));
        let names = owned.into_iter().flat_map(|m| m.owned.keys());
        names.map(|p| Watermark { partition: p.clone(), end: log.end(p) }).collect()
    }

    fn connection(&self) -> Connection {
        Connection::Up
    }

    async fn close(self, _: Duration) {}
}

impl Drop for MemorySource {
    fn drop(&mut self) {
        if let Some(group) = self.broker.lock().groups.get_mut(&self.group) {
            group.leave(self.id);
        }
    }
}
