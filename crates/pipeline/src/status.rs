//! How a group is doing: for readiness, and for the metrics.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use tokio::time::Instant;

use crate::engine::Outcome;
use crate::engine::partitions::Partitions;
use crate::metrics::{self, Metrics, Seconds};
use crate::transport::{Connection, TopicPartition, Watermark};

/// A partition that has records and whose position has not moved for so long makes no progress.
const NO_PROGRESS: Duration = Duration::from_secs(60);

/// One group's state.
pub struct GroupStatus {
    group: String,
    metrics: Metrics,
    handled: Counter,
    in_flight: Gauge,
    at_once_seconds: Seconds,
    handler_seconds: Histogram,
    state: Mutex<State>,
}

struct State {
    connection: Connection,
    assigned: usize,
    joined: bool,
    stalled: Option<String>,
    /// The right that the broker denies.
    denied: Option<String>,
    /// Why a dead letter could not be sent.
    unsent: Option<String>,
    /// Where each partition stood when it last moved, or when it last had no records.
    moved: HashMap<TopicPartition, (i64, Instant)>,
    stuck: Option<TopicPartition>,
}

impl GroupStatus {
    pub(crate) fn new(group: &str, metrics: Metrics) -> Self {
        let labels = metrics::Group { group: group.to_owned() };
        let handled = metrics
            .records
            .get_or_create_owned(&metrics::Outcome { group: group.to_owned(), outcome: "handled" });
        metrics.begin(group);
        let in_flight = metrics.in_flight.get_or_create_owned(&labels);
        let at_once_seconds = metrics.at_once_seconds.get_or_create_owned(&labels);
        let handler_seconds = metrics.handler_seconds.get_or_create_owned(&labels);
        let state = State {
            connection: Connection::Away,
            assigned: 0,
            joined: false,
            stalled: None,
            denied: None,
            unsent: None,
            moved: HashMap::new(),
            stuck: None,
        };
        GroupStatus {
            group: group.to_owned(),
            metrics,
            handled,
            in_flight,
            at_once_seconds,
            handler_seconds,
            state: Mutex::new(state),
        }
    }

    /// The group's name.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Why this group is not ready, if it is not.
    pub fn trouble(&self) -> Option<String> {
        let state = self.lock();
        if let Some(why) = &state.stalled {
            return Some(format!("group {}: stopped: {why}", self.group));
        }
        if let Some(why) = &state.denied {
            return Some(format!("group {}: stopped: {why}", self.group));
        }
        match &state.connection {
            Connection::Up => {}
            Connection::Away => {
                return Some(format!("group {}: no broker can be reached", self.group));
            }
            Connection::Refused(why) => return Some(format!("group {}: {why}", self.group)),
        }
        if let Some(why) = &state.unsent {
            return Some(format!("group {}: a dead letter cannot be sent: {why}", self.group));
        }
        if !state.joined {
            return Some(format!("group {}: has not joined yet", self.group));
        }
        let stuck = state.stuck.as_ref()?;
        Some(format!("group {}: {stuck} has made no progress for {NO_PROGRESS:?}", self.group))
    }

    /// Partitions assigned to this member.
    pub fn assigned(&self) -> usize {
        self.lock().assigned
    }

    pub(crate) fn handled_at_once(&self, records: u64, taking: Duration) {
        self.handled.inc_by(records);
        self.at_once_seconds.inc_by(taking.as_secs_f64());
    }

    pub(crate) fn outcome(&self, outcome: &Outcome, started: Instant) {
        let name = match outcome {
            Outcome::Done => {
                self.handled.inc();
                None
            }
            Outcome::Duplicate => Some("duplicate"),
            Outcome::Retry(..) => Some("retried"),
            Outcome::Reject(_) | Outcome::Unavailable(_) | Outcome::Deferred => None,
        };
        if let Some(name) = name {
            self.count(name);
        }
        self.handler_seconds.observe(started.elapsed().as_secs_f64());
    }

    pub(crate) fn batch(&self, records: usize) {
        self.metrics.batch.get_or_create(&self.labels()).observe(records as f64);
    }

    pub(crate) fn dead_lettered(&self) {
        self.count("dead_lettered");
    }

    pub(crate) fn in_doubt(&self) {
        self.metrics.in_doubt.get_or_create(&self.labels()).inc();
    }

    pub(crate) fn commit_failed(&self) {
        self.metrics.commit_failures.get_or_create(&self.labels()).inc();
    }

    pub(crate) fn rebalanced(&self, assigned: usize) {
        self.metrics.rebalances.get_or_create(&self.labels()).inc();
        let mut state = self.lock();
        state.assigned = assigned;
        let gauge = self.metrics.assigned.get_or_create(&self.labels());
        gauge.set(i64::try_from(assigned).unwrap_or(i64::MAX));
        state.joined = true;
        state.connection = Connection::Up;
    }

    pub(crate) fn stalled(&self, why: Option<&str>) {
        self.metrics.stalled.get_or_create(&self.labels()).set(i64::from(why.is_some()));
        self.lock().stalled = why.map(str::to_owned);
    }

    /// A right that the broker denies, or none any more; says whether that is news.
    pub(crate) fn denied(&self, why: Option<&str>) -> bool {
        let mut state = self.lock();
        if state.denied.as_deref() == why {
            return false;
        }
        self.metrics.stalled.get_or_create(&self.labels()).set(i64::from(why.is_some()));
        state.denied = why.map(str::to_owned);
        true
    }

    /// Why a dead letter could not be sent; none once it is.
    pub(crate) fn unsent(&self, why: Option<&str>) {
        self.lock().unsent = why.map(str::to_owned);
    }

    pub(crate) fn observe(
        &self,
        partitions: &Partitions,
        ends: &[Watermark],
        connection: Connection,
        held: usize,
    ) {
        self.in_flight.set(i64::try_from(held).unwrap_or(i64::MAX));
        self.observe_at(Instant::now(), partitions, ends, connection);
    }

    fn observe_at(
        &self,
        now: Instant,
        partitions: &Partitions,
        ends: &[Watermark],
        connection: Connection,
    ) {
        let mut state = self.lock();
        state.connection = connection;
        let mut oldest = Duration::ZERO;
        let mut stuck = None;
        let mut moved = HashMap::new();
        for partition in partitions.iter() {
            let position = partition.tracker.position().unwrap_or(-1);
            let before = state.moved.get(&partition.name).filter(|(p, _)| *p == position);
            // Where it has no records, there is nothing to be slow with.
            let before = before.filter(|_| partition.tracker.span() > 0);
            let since = before.map_or(now, |(_, since)| *since);
            moved.insert(partition.name.clone(), (position, since));
            let end = ends.iter().find(|w| w.partition == partition.name).map(|w| w.end);
            if let (Some(end), true) = (end, position >= 0) {
                self.metrics
                    .lag
                    .get_or_create(&self.place(&partition.name))
                    .set((end - position).max(0));
            }
            if partition.tracker.span() > 0 {
                oldest = oldest.max(now - since);
                if now - since > NO_PROGRESS {
                    stuck = Some(partition.name.clone());
                }
            }
        }
        for gone in state.moved.keys().filter(|name| !moved.contains_key(*name)) {
            self.metrics.lag.remove(&self.place(gone));
        }
        self.metrics.commit_age.get_or_create(&self.labels()).set(oldest.as_secs().cast_signed());
        state.moved = moved;
        state.stuck = stuck;
    }

    fn count(&self, outcome: &'static str) {
        let labels = metrics::Outcome { group: self.group.clone(), outcome };
        self.metrics.records.get_or_create(&labels).inc();
    }

    fn labels(&self) -> metrics::Group {
        metrics::Group { group: self.group.clone() }
    }

    fn place(&self, name: &TopicPartition) -> metrics::Place {
        metrics::Place {
            group: self.group.clone(),
            topic: name.topic.clone(),
            partition: name.partition,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prometheus_client::registry::Registry;

    #[test]
    fn a_partition_makes_no_progress_only_while_it_has_records() {
        let status = GroupStatus::new("g", Metrics::new(&mut Registry::default()));
        let name = TopicPartition { topic: "t".into(), partition: 0 };
        let mut partitions = Partitions::default();
        partitions.assign(vec![name.clone()]);
        status.rebalanced(1);
        let begun = Instant::now();
        let after = |partitions: &Partitions, time: Duration| {
            status.observe_at(begun + time, partitions, &[], Connection::Up);
            status.trouble()
        };
        let first = partitions.by_name(&name).expect("assigned").tracker.take(0);
        partitions.by_name(&name).expect("assigned").tracker.finish(first);
        assert_eq!(after(&partitions, Duration::ZERO), None);
        // A long rest, and then a record that has only just come.
        assert_eq!(after(&partitions, NO_PROGRESS * 5), None);
        partitions.by_name(&name).expect("assigned").tracker.take(1);
        assert_eq!(after(&partitions, NO_PROGRESS * 5), None);
        assert_eq!(after(&partitions, NO_PROGRESS * 6), None);
        let trouble = after(&partitions, NO_PROGRESS * 7).expect("it stands still");
        assert!(trouble.contains("t[0] has made no progress"), "{trouble}");
    }
}
