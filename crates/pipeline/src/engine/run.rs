//! The loop itself: events, then work, then commits, then a wait until one of them has more.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::breaker::Seen;
use super::ending::Leaving;
use super::lanes::Lanes;
use super::partitions::{Partition, Partitions};
use super::settle::Stall;
use super::{Executor, Finished, Outcome, Settings, Work};
use crate::clock::Random;
use crate::dead_letter::DeadLetters;
use crate::status::GroupStatus;
use crate::transport::{Record, Source, SourceEvent, TopicPartition};

/// Records taken from the transport in one go.
const CHUNK: usize = 1_024;

/// A fetch that is denied says so within this time after its partition was assigned.
const ALLOWED_AFTER: Duration = Duration::from_secs(3);

/// Why a group ended before it was told to.
#[derive(Debug, thiserror::Error)]
#[error("group {group}: {reason}")]
pub struct GroupError {
    /// The group.
    pub group: String,
    /// The client's words.
    pub reason: String,
}

/// How a group's turn as a member ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Told to stop.
    Stopped,
    /// The broker denies a right that the group needs; everything else is in order.
    Denied,
}

pub(crate) struct Engine<S: Source, X> {
    pub(super) source: S,
    pub(super) executor: X,
    pub(super) settings: Settings,
    pub(super) partitions: Partitions,
    pub(super) lanes: Lanes,
    /// Taken and not looked at yet.
    pub(super) fresh: VecDeque<Record>,
    pub(super) letters: FuturesUnordered<BoxFuture<'static, Work>>,
    pub(super) dead_letters: DeadLetters,
    pub(super) leaving: Option<Leaving>,
    pub(super) stopping: Option<Instant>,
    pub(super) status: Arc<GroupStatus>,
    pub(super) stall: Option<Stall>,
    pub(super) seen: Seen,
    pub(super) random: Random,
    pub(super) held_bytes: usize,
    /// The right that is missing.
    pub(super) denied: bool,
    /// Since when partitions have been ours without a right being denied.
    joined: Option<Instant>,
    next_commit: Instant,
    chunk: Vec<Record>,
    pub(super) ended: Vec<Finished>,
}

impl<S: Source, X: Executor> Engine<S, X> {
    pub(crate) fn new(
        source: S,
        executor: X,
        settings: Settings,
        dead_letters: DeadLetters,
        status: Arc<GroupStatus>,
        random: Random,
    ) -> Self {
        Engine {
            source,
            executor,
            next_commit: Instant::now() + settings.commit_every,
            settings,
            partitions: Partitions::default(),
            lanes: Lanes::default(),
            fresh: VecDeque::new(),
            letters: FuturesUnordered::new(),
            dead_letters,
            leaving: None,
            stopping: None,
            status,
            stall: None,
            seen: Seen::default(),
            random,
            held_bytes: 0,
            denied: false,
            joined: None,
            chunk: Vec::new(),
            ended: Vec::new(),
        }
    }

    pub(crate) async fn run(mut self, stop: CancellationToken) -> Result<Ended, GroupError> {
        let mut events = Vec::new();
        loop {
            self.source.events(&mut events);
            for event in events.drain(..) {
                self.on_event(event)?;
            }
            if self.stopping.is_none() && stop.is_cancelled() {
                self.stop_taking();
            }
            let more = poll_fn(|cx| Poll::Ready(self.work(cx))).await;
            self.proceed_leaving();
            self.commit_if_due();
            if self.may_stop() {
                return Ok(self.finish().await);
            }
            if more {
                tokio::task::yield_now().await;
            } else {
                self.wait(&stop).await;
            }
        }
    }

    /// Waits until there is something to do, at most until the next commit.
    async fn wait(&mut self, stop: &CancellationToken) {
        let due = self.lanes.next_due().into_iter().chain(self.stall.as_ref().map(|s| s.until));
        // A stalled lane's time has come when the stall's has: neither is waited for twice.
        let now = Instant::now();
        let until = due.filter(|d| *d > now).chain([self.next_commit]).min().unwrap_or(now);
        let stopping = self.stopping.is_some();
        let (executor, ended, letters) = (&mut self.executor, &mut self.ended, &mut self.letters);
        tokio::select! {
            biased;
            () = poll_fn(|cx| {
                executor.poll(cx, ended);
                if ended.is_empty() { Poll::Pending } else { Poll::Ready(()) }
            }) => {}
            () = self.source.ready() => {}
            Some(work) = letters.next(), if !letters.is_empty() => self.dead_lettered(work),
            () = stop.cancelled(), if !stopping => {}
            () = tokio::time::sleep_until(until) => {}
        }
    }

    /// Starts what can be started; true if there may be more at once. What has ended makes room for
    /// the next one at once: handlers that end together do not wait for each other.
    fn work(&mut self, cx: &mut Context<'_>) -> bool {
        self.lanes.wake(Instant::now());
        let mut taken = self.start_more(cx);
        while self.settle(cx) {
            taken |= self.start_more(cx);
        }
        while let Poll::Ready(Some(work)) = self.letters.poll_next_unpin(cx) {
            self.dead_lettered(work);
        }
        taken && self.executor.has_room()
    }

    /// True if records were taken from the transport.
    fn start_more(&mut self, cx: &mut Context<'_>) -> bool {
        let now = Instant::now();
        if self.stopping.is_some() || self.stall.as_ref().is_some_and(|s| s.until > now) {
            return false;
        }
        while self.executor.has_room()
            && let Some((lane, work)) = self.lanes.next(X::TOGETHER)
        {
            self.held_bytes -= work.record.bytes();
            self.lanes.running(lane);
            self.start(Work { started: now, ..work }, cx);
        }
        let refill = self.executor.has_room() && self.fresh.is_empty();
        let taken = refill && self.refill() > 0;
        let mut at_once = 0;
        while self.executor.has_room()
            && let Some(record) = self.fresh.pop_front()
        {
            at_once += self.begin(record, now, cx);
        }
        if at_once > 0 {
            self.status.handled_at_once(at_once, now.elapsed());
            self.went_well(at_once as usize);
        }
        self.executor.begin();
        taken
    }

    /// Takes more from the transport as there is room: never by pausing, which would throw away
    /// what has been fetched ahead.
    fn refill(&mut self) -> usize {
        let held = self.held();
        let room = self.settings.max_records.saturating_sub(held).min(CHUNK);
        let too_far = |p: &super::partitions::Partition| p.tracker.span() > self.settings.max_span;
        if room == 0
            || self.held_bytes > self.settings.max_bytes
            || self.partitions.iter().any(too_far)
        {
            return 0;
        }
        let taken = self.source.drain(room, &mut self.chunk);
        self.fresh.extend(self.chunk.drain(..));
        taken
    }

    /// Records taken and not finished.
    fn held(&self) -> usize {
        self.fresh.len() + self.lanes.waiting() + self.executor.running() + self.letters.len()
    }

    /// Begins with a fresh record; says 1 if it was handled at once.
    fn begin(&mut self, record: Record, now: Instant, cx: &mut Context<'_>) -> u64 {
        let Some(origin) = self.partitions.origin(&record) else { return 0 };
        let Some(partition) = self.partitions.get(origin) else { return 0 };
        if partition.revoking {
            return 0;
        }
        let (lane, offset) = (None, record.offset());
        let mut work = Work { record, origin, lane, sequence: 0, tries: 0, started: now };
        if X::TOGETHER || !self.lanes.is_empty() {
            work.lane = self.lanes.id(origin, work.record.key());
            if let Some(id) = work.lane
                && self.lanes.must_wait(id, X::TOGETHER)
            {
                work.sequence = partition.tracker.take(offset);
                self.held_bytes += work.record.bytes();
                self.lanes.wait(id, work);
                return 0;
            }
        }
        if X::TOGETHER {
            work.sequence = partition.tracker.take(offset);
            if let Some(id) = work.lane {
                self.lanes.running(id);
            }
            self.start(work, cx);
            return 0;
        }
        self.begin_alone(work, cx)
    }

    /// A record whose handler is ready at once costs no lane and no entry in the tracker.
    fn begin_alone(&mut self, mut work: Work, cx: &mut Context<'_>) -> u64 {
        let (origin, offset) = (work.origin, work.record.offset());
        let id = work.lane.or_else(|| self.lanes.id(origin, work.record.key()));
        work.lane = id;
        let Some(partition) = self.partitions.get(origin) else { return 0 };
        // The number it would have: what is told to the tracker depends on how it goes.
        work.sequence = partition.tracker.next_sequence();
        match self.executor.start(work, cx) {
            Some(Finished { outcome: Outcome::Done, .. }) => {
                partition.tracker.pass(offset);
                1
            }
            other => {
                partition.tracker.take(offset);
                partition.running += 1;
                if let Some(id) = id {
                    self.lanes.running(id);
                }
                if let Some(finished) = other {
                    self.finished(finished);
                }
                0
            }
        }
    }

    fn start(&mut self, work: Work, cx: &mut Context<'_>) {
        if let Some(partition) = self.partitions.get(work.origin) {
            partition.running += 1;
        }
        if let Some(finished) = self.executor.start(work, cx) {
            self.finished(finished);
        }
    }

    fn on_event(&mut self, event: SourceEvent) -> Result<(), GroupError> {
        let group = self.status.group();
        match event {
            SourceEvent::Assigned(partitions) => {
                tracing::info!(consumer.group = group, consumer.partitions = %names(&partitions), "assigned");
                self.partitions.assign(partitions);
                self.joined = Some(Instant::now());
                self.status.rebalanced(self.partitions.len());
            }
            SourceEvent::Revoking(partitions) => {
                tracing::info!(consumer.group = group, consumer.partitions = %names(&partitions), "giving up");
                self.revoke(partitions);
            }
            SourceEvent::Lost(partitions) => {
                tracing::warn!(consumer.group = group, consumer.partitions = %names(&partitions), "lost");
                partitions.iter().for_each(|p| self.partitions.remove(p));
                self.forget_work();
                self.leaving = None;
                self.status.rebalanced(self.partitions.len());
            }
            SourceEvent::Committed(answers) => self.committed(answers),
            SourceEvent::Trouble(reason) => tracing::warn!(
                consumer.group = group,
                failure.reason = reason,
                "the Kafka client has trouble, and goes on"
            ),
            SourceEvent::Denied(reason) => self.deny(&reason),
            SourceEvent::Fatal(reason) => {
                return Err(GroupError { group: group.to_owned(), reason });
            }
        }
        Ok(())
    }

    fn committed(&mut self, answers: Vec<(TopicPartition, i64, Result<(), String>)>) {
        for (name, offset, result) in answers {
            if let Some(leaving) = &mut self.leaving {
                leaving.answered(&name);
            }
            let Err(reason) = result else { continue };
            self.status.commit_failed();
            tracing::warn!(consumer.group = self.status.group(), record.partition = %name, record.offset = offset, failure.reason = reason, "a commit of an offset failed; it is sent again");
            if let Some(partition) = self.partitions.by_name(&name) {
                partition.tracker.commit_failed(offset);
            }
        }
    }

    fn commit_if_due(&mut self) {
        let now = Instant::now();
        if now < self.next_commit {
            return;
        }
        self.next_commit = now + self.settings.commit_every;
        self.commit(|p| !p.leaving);
        let watermarks = self.source.watermarks();
        let connection = self.source.connection();
        self.status.observe(&self.partitions, &watermarks, connection, self.held());
        if !self.denied
            && self.joined.is_some_and(|since| now > since + ALLOWED_AFTER)
            && self.status.denied(None)
        {
            tracing::info!(consumer.group = self.status.group(), "what was denied is granted");
        }
    }

    /// Stops the flow as if told to stop: what runs is finished, as far as the broker lets it.
    fn deny(&mut self, reason: &str) {
        if self.status.denied(Some(reason)) {
            tracing::error!(
                consumer.group = self.status.group(),
                failure.reason = reason,
                "the flow stops until this is granted"
            );
        }
        if !self.denied && self.stopping.is_none() {
            self.denied = true;
            self.stop_taking();
        }
    }

    /// Commits what is finished in the partitions chosen; says which.
    pub(super) fn commit(&mut self, choose: impl Fn(&Partition) -> bool) -> Vec<TopicPartition> {
        let mut offsets = Vec::new();
        for partition in self.partitions.iter_mut().filter(|p| choose(p)) {
            if let Some(offset) = partition.tracker.to_commit() {
                partition.tracker.commit_sent(offset);
                offsets.push((partition.name.clone(), offset));
            }
        }
        if !offsets.is_empty() {
            self.source.commit(&offsets);
        }
        offsets.into_iter().map(|(name, _)| name).collect()
    }

    /// Forgets what waits of partitions that take no work any more.
    pub(super) fn forget_work(&mut self) {
        let (partitions, stopping) = (&mut self.partitions, self.stopping.is_some());
        self.fresh.retain(|r| {
            !stopping && partitions.origin(r).is_some_and(|o| partitions.takes_work(o))
        });
        let bytes = &mut self.held_bytes;
        self.lanes.forget(
            |work| !stopping && partitions.takes_work(work.origin),
            |work| *bytes = bytes.saturating_sub(work.record.bytes()),
        );
    }
}

fn names(partitions: &[TopicPartition]) -> String {
    partitions.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
