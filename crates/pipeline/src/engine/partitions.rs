//! The partitions assigned to this member, each with its tracker and the epoch it came with.

use std::collections::HashMap;

use super::tracker::Tracker;
use crate::transport::{Record, TopicPartition};

/// Where a record came from: a slot, and the epoch of the assignment. A record that is finished
/// after its partition was taken away finds another epoch, or nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub(crate) slot: u32,
    pub(crate) epoch: u32,
}

pub(crate) struct Partition {
    pub(crate) name: TopicPartition,
    pub(crate) tracker: Tracker,
    /// Handlers of this partition that are running.
    pub(crate) running: usize,
    /// Set while it is being given up.
    pub(crate) revoking: bool,
    /// The last commit of a partition that is given up is on its way.
    pub(crate) leaving: bool,
    epoch: u32,
}

#[derive(Default)]
pub(crate) struct Partitions {
    slots: Vec<Option<Partition>>,
    by_tag: HashMap<(usize, i32), Origin>,
    last: Option<((usize, i32), Origin)>,
    epochs: u32,
}

impl Partitions {
    pub(crate) fn assign(&mut self, names: Vec<TopicPartition>) {
        for name in names {
            self.remove(&name);
            self.epochs += 1;
            let partition = Partition {
                name,
                tracker: Tracker::default(),
                running: 0,
                revoking: false,
                leaving: false,
                epoch: self.epochs,
            };
            match self.slots.iter().position(Option::is_none) {
                Some(free) => self.slots[free] = Some(partition),
                None => self.slots.push(Some(partition)),
            }
        }
        self.forget_tags();
    }

    pub(crate) fn remove(&mut self, name: &TopicPartition) {
        for slot in &mut self.slots {
            if slot.as_ref().is_some_and(|p| p.name == *name) {
                *slot = None;
            }
        }
        self.forget_tags();
    }

    fn forget_tags(&mut self) {
        self.by_tag.clear();
        self.last = None;
    }

    /// Which partition a record belongs to; none if it is not ours (any more).
    pub(crate) fn origin(&mut self, record: &Record) -> Option<Origin> {
        let tag = record.partition_tag();
        if let Some((last, origin)) = self.last
            && last == tag
        {
            return Some(origin);
        }
        let origin = match self.by_tag.get(&tag) {
            Some(origin) => *origin,
            None => {
                let origin = self.find(record.topic(), record.partition())?;
                self.by_tag.insert(tag, origin);
                origin
            }
        };
        self.last = Some((tag, origin));
        Some(origin)
    }

    fn find(&self, topic: &str, partition: i32) -> Option<Origin> {
        self.slots.iter().zip(0..).find_map(|(slot, index)| {
            let p = slot.as_ref()?;
            (p.name.topic == topic && p.name.partition == partition)
                .then_some(Origin { slot: index, epoch: p.epoch })
        })
    }

    pub(crate) fn get(&mut self, origin: Origin) -> Option<&mut Partition> {
        let partition = self.slots.get_mut(origin.slot as usize)?.as_mut()?;
        (partition.epoch == origin.epoch).then_some(partition)
    }

    pub(crate) fn by_name(&mut self, name: &TopicPartition) -> Option<&mut Partition> {
        self.iter_mut().find(|p| p.name == *name)
    }

    /// Whether work of this origin may still be started.
    pub(crate) fn takes_work(&mut self, origin: Origin) -> bool {
        self.get(origin).is_some_and(|p| !p.revoking)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Partition> {
        self.slots.iter_mut().flatten()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Partition> {
        self.slots.iter().flatten()
    }

    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }
}
