//! A consumer group with cooperative rebalances: a partition moves only after its owner has
//! released it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::sync::Notify;

use crate::transport::{SourceEvent, TopicPartition};

pub(super) struct Member {
    pub(super) events: Vec<SourceEvent>,
    /// What it reads, and the offset it reads next.
    pub(super) owned: BTreeMap<TopicPartition, i64>,
    revoking: BTreeSet<TopicPartition>,
    wants: Vec<TopicPartition>,
    pub(super) wake: Arc<Notify>,
}

#[derive(Default)]
pub(super) struct Group {
    pub(super) members: BTreeMap<u64, Member>,
    pub(super) committed: HashMap<TopicPartition, i64>,
    next_id: u64,
}

impl Group {
    pub(super) fn join(&mut self, wants: Vec<TopicPartition>, wake: Arc<Notify>) -> u64 {
        self.next_id += 1;
        let member = Member {
            events: Vec::new(),
            owned: BTreeMap::new(),
            revoking: BTreeSet::new(),
            wants,
            wake,
        };
        self.members.insert(self.next_id, member);
        self.rebalance();
        self.next_id
    }

    pub(super) fn leave(&mut self, id: u64) {
        self.members.remove(&id);
        self.rebalance();
    }

    pub(super) fn release(&mut self, id: u64, partitions: &[TopicPartition]) {
        if let Some(member) = self.members.get_mut(&id) {
            for partition in partitions {
                member.owned.remove(partition);
                member.revoking.remove(partition);
            }
        }
        self.rebalance();
    }

    pub(super) fn expire(&mut self) {
        for member in self.members.values_mut() {
            let lost: Vec<_> = std::mem::take(&mut member.owned).into_keys().collect();
            member.revoking.clear();
            member.events.push(SourceEvent::Lost(lost));
        }
        self.rebalance();
    }

    pub(super) fn notify(&self) {
        self.members.values().for_each(|m| m.wake.notify_one());
    }

    /// Deals partitions out evenly, leaving as many as possible where they are.
    fn rebalance(&mut self) {
        let all: BTreeSet<TopicPartition> =
            self.members.values().flat_map(|m| m.wants.iter().cloned()).collect();
        let share = all.len().div_ceil(self.members.len().max(1));
        let mut taken: BTreeSet<TopicPartition> = BTreeSet::new();
        for member in self.members.values_mut() {
            let kept: BTreeSet<_> = member.owned.keys().take(share).cloned().collect();
            let over: Vec<_> =
                member.owned.keys().filter(|p| !kept.contains(*p)).cloned().collect();
            let new: Vec<_> = over.into_iter().filter(|p| !member.revoking.contains(p)).collect();
            if !new.is_empty() {
                member.revoking.extend(new.iter().cloned());
                member.events.push(SourceEvent::Revoking(new));
            }
            taken.extend(member.owned.keys().cloned());
        }
        let mut free: Vec<_> = all.difference(&taken).cloned().collect();
        for member in self.members.values_mut() {
            let room = share.saturating_sub(member.owned.len()).min(free.len());
            let (ours, left): (Vec<_>, Vec<_>) =
                free.into_iter().partition(|p| member.wants.contains(p));
            let mut ours = ours;
            free = left;
            free.extend(ours.split_off(room.min(ours.len())));
            if !ours.is_empty() {
                for partition in &ours {
                    let from = self.committed.get(partition).copied().unwrap_or(0);
                    member.owned.insert(partition.clone(), from);
                }
                member.events.push(SourceEvent::Assigned(ours));
            }
        }
        self.notify();
    }
}
