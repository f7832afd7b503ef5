//! Keys that are busy. A key without a running, waiting or retried record has no lane and costs
//! nothing.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use tokio::time::Instant;

use super::Work;
use super::partitions::Origin;

/// A key of an assignment. Two keys with the same hash share a lane, which costs them concurrency
/// and nothing else.
pub(crate) type LaneId = (u32, u64);

#[derive(Default)]
struct Lane {
    running: usize,
    /// In order; while `due` is set the first of them is the one that is tried again.
    waiting: VecDeque<Work>,
    due: Option<Instant>,
}

#[derive(Default)]
pub(crate) struct Lanes {
    lanes: HashMap<LaneId, Lane>,
    /// Lanes whose first waiting record may start.
    free: VecDeque<LaneId>,
    timers: BinaryHeap<Reverse<(Instant, LaneId)>>,
    waiting: usize,
    hasher: RandomState,
}

impl Lanes {
    /// The lane of a record; a record without a key is in no order with any other.
    pub(crate) fn id(&self, origin: Origin, key: Option<&[u8]>) -> Option<LaneId> {
        key.map(|key| (origin.epoch, self.hasher.hash_one(key)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }

    /// Whether a record of this lane has to queue up. In a batch records of one key run together,
    /// in order, so that only what waits already stands before them.
    pub(crate) fn must_wait(&self, id: LaneId, together: bool) -> bool {
        self.lanes.get(&id).is_some_and(|lane| {
            !lane.waiting.is_empty() || lane.due.is_some() || (lane.running > 0 && !together)
        })
    }

    pub(crate) fn wait(&mut self, id: LaneId, work: Work) {
        self.waiting += 1;
        self.lanes.entry(id).or_default().waiting.push_back(work);
    }

    pub(crate) fn running(&mut self, id: LaneId) {
        self.lanes.entry(id).or_default().running += 1;
    }

    /// A record of this lane does not run any more.
    pub(crate) fn ended(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get_mut(&id) else { return };
        lane.running = lane.running.saturating_sub(1);
        self.settle(id);
    }

    /// The record is tried again at `due`, before everything that waits behind it.
    pub(crate) fn retry(&mut self, id: LaneId, work: Work, due: Instant) {
        let lane = self.lanes.entry(id).or_default();
        lane.running = lane.running.saturating_sub(1);
        lane.waiting.push_front(work);
        lane.due = Some(due);
        self.waiting += 1;
        self.timers.push(Reverse((due, id)));
    }

    /// A record that stood behind a retried one in the same batch: it queues up behind it, before
    /// those that came later.
    pub(crate) fn defer(&mut self, id: LaneId, work: Work) {
        let lane = self.lanes.entry(id).or_default();
        lane.running = lane.running.saturating_sub(1);
        let at = lane.waiting.partition_point(|w| w.sequence < work.sequence);
        lane.waiting.insert(at, work);
        self.waiting += 1;
    }

    fn settle(&mut self, id: LaneId) {
        let Some(lane) = self.lanes.get(&id) else { return };
        if lane.running > 0 || lane.due.is_some() {
            return;
        }
        if lane.waiting.is_empty() {
            self.lanes.remove(&id);
        } else {
            self.free.push_back(id);
        }
    }

    /// Lets those go on whose time has come.
    pub(crate) fn wake(&mut self, now: Instant) {
        while let Some(Reverse((due, id))) = self.timers.peek().copied() {
            if due > now {
                break;
            }
            self.timers.pop();
            if let Some(lane) = self.lanes.get_mut(&id)
                && lane.due == Some(due)
            {
                lane.due = None;
                self.settle(id);
            }
        }
    }

    /// When the next retry is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        self.timers.peek().map(|Reverse((due, _))| *due)
    }

    /// The next record that may start after waiting. The caller says that it runs, or calls
    /// [`Lanes::skip`].
    pub(crate) fn next(&mut self, together: bool) -> Option<(LaneId, Work)> {
        while let Some(id) = self.free.pop_front() {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            if lane.due.is_some() || (lane.running > 0 && !together) {
                continue;
            }
            if let Some(work) = lane.waiting.pop_front() {
                self.waiting -= 1;
                if together && !lane.waiting.is_empty() {
                    self.free.push_front(id);
                }
                return Some((id, work));
            }
            self.settle(id);
        }
        None
    }

    /// Forgets what waits of partitions that take no work any more; says what was forgotten.
    pub(crate) fn forget(
        &mut self,
        mut keep: impl FnMut(&Work) -> bool,
        mut dropped: impl FnMut(&Work),
    ) {
        let ids: Vec<LaneId> = self.lanes.keys().copied().collect();
        for id in ids {
            let Some(lane) = self.lanes.get_mut(&id) else { continue };
            let before = lane.waiting.len();
            lane.waiting.retain(|work| {
                keep(work) || {
                    dropped(work);
                    false
                }
            });
            if lane.waiting.len() < before {
                self.waiting -= before - lane.waiting.len();
                lane.due = None;
                self.settle(id);
            }
        }
    }

    /// Records that wait behind others or for their next try.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }
}
