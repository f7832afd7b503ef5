//! What becomes of a record whose handler has ended.

use std::task::Context;
use std::time::Duration;

use tokio::time::Instant;

use super::run::Engine;
use super::{Executor, Finished, Outcome, Rejection, Work};
use crate::transport::Source;

/// Nothing can be handled until then.
pub(super) struct Stall {
    pub(super) until: Instant,
    times: u32,
}

impl<S: Source, X: Executor> Engine<S, X> {
    /// True if anything had ended.
    pub(super) fn settle(&mut self, cx: &mut Context<'_>) -> bool {
        let mut ended = std::mem::take(&mut self.ended);
        if ended.is_empty() {
            self.executor.poll(cx, &mut ended);
        }
        let any = !ended.is_empty();
        for finished in ended.drain(..) {
            self.finished(finished);
        }
        self.ended = ended;
        any
    }

    pub(super) fn finished(&mut self, Finished { mut work, outcome }: Finished) {
        let Some(partition) = self.partitions.get(work.origin) else {
            // Taken away meanwhile: whoever has the partition now handles the record again.
            return self.free(&work);
        };
        self.status.outcome(&outcome, work.started);
        match outcome {
            Outcome::Done | Outcome::Duplicate => {
                partition.running -= 1;
                partition.tracker.finish(work.sequence);
                self.free(&work);
                self.went_well(1);
            }
            Outcome::Reject(rejection) => self.dead_letter(work, rejection),
            Outcome::Retry(reason, least) => {
                work.tries += 1;
                if work.tries >= self.settings.retry.tries {
                    return self
                        .dead_letter(work, Rejection { class: "retries-exhausted", reason });
                }
                let wait = self.settings.retry.after(work.tries, self.random.jitter()).max(least);
                let (place, trace) = (place_of(&work), trace_of(&work));
                tracing::warn!(consumer.group = self.status.group(), record.place = place, record.tries = work.tries, failure.reason = %reason, retry.wait = ?wait, trace_id = trace, "will be tried again");
                self.again(work, Instant::now() + wait);
            }
            Outcome::Unavailable(reason) => {
                let until = self.stall(&reason);
                self.again(work, until);
            }
            Outcome::Deferred => {
                partition.running -= 1;
                match work.lane {
                    Some(id) if !partition.revoking && self.stopping.is_none() => {
                        self.held_bytes += work.record.bytes();
                        self.lanes.defer(id, work);
                    }
                    _ => self.free(&work),
                }
            }
        }
    }

    /// Puts a record back to be tried at `due`, unless its partition is being given up: then it
    /// comes again to whoever gets it.
    fn again(&mut self, work: Work, due: Instant) {
        let stopping = self.stopping.is_some();
        let Some(partition) = self.partitions.get(work.origin) else { return };
        partition.running -= 1;
        if partition.revoking || stopping {
            return self.free(&work);
        }
        // A record without a key has nobody behind it: its own number is its lane.
        let id = work.lane.unwrap_or((work.origin.epoch, work.sequence));
        self.held_bytes += work.record.bytes();
        self.lanes.retry(id, Work { lane: Some(id), ..work }, due);
    }

    /// Some records were handled: what stood still goes on.
    pub(super) fn went_well(&mut self, records: usize) {
        if let Some(breaker) = &self.settings.breaker {
            self.seen.handled(records, breaker);
        }
        if self.stall.take().is_some() {
            tracing::info!(consumer.group = self.status.group(), "the flow goes on");
            self.status.stalled(None);
        }
    }

    fn stall(&mut self, reason: &str) -> Instant {
        let times = self.stall.as_ref().map_or(1, |s| s.times + 1);
        self.stand_still(reason, self.settings.retry.after(times.min(6), 1.0))
    }

    /// Until when nothing is begun.
    fn stand_still(&mut self, reason: &str, wait: Duration) -> Instant {
        let now = Instant::now();
        if let Some(stall) = &self.stall
            && stall.until > now
        {
            return stall.until;
        }
        let times = self.stall.as_ref().map_or(1, |s| s.times + 1);
        if times == 1 {
            tracing::warn!(
                consumer.group = self.status.group(),
                failure.reason = reason,
                "the flow stops until this is mended"
            );
        }
        self.status.stalled(Some(reason));
        let until = now + wait.mul_f64(self.random.jitter());
        self.stall = Some(Stall { until, times });
        until
    }

    pub(super) fn free(&mut self, work: &Work) {
        if let Some(id) = work.lane {
            self.lanes.ended(id);
        }
    }

    /// Unless the breaker says that too many go this way: then the record stays, and the group stops.
    fn dead_letter(&mut self, work: Work, rejection: Rejection) {
        if let Some(breaker) = &self.settings.breaker
            && self.seen.failed(breaker)
        {
            let ((failed, of), pause) = (self.seen.counts(), breaker.pause);
            let why = format!(
                "{failed} of the last {of} records failed, this one ({}) for: {}",
                place_of(&work),
                rejection.reason
            );
            let until = self.stand_still(&why, pause);
            return self.again(Work { tries: 0, ..work }, until);
        }
        let (place, trace) = (place_of(&work), trace_of(&work));
        tracing::error!(consumer.group = self.status.group(), record.place = place, record.tries = work.tries.max(1), failure.class = rejection.class, failure.reason = %rejection.reason, trace_id = trace, "dead-lettered");
        self.letters.push(self.dead_letters.send(work, rejection));
    }

    pub(super) fn dead_lettered(&mut self, work: Work) {
        self.status.dead_lettered();
        if let Some(partition) = self.partitions.get(work.origin) {
            partition.running -= 1;
            partition.tracker.finish(work.sequence);
        }
        self.free(&work);
    }
}

fn place_of(work: &Work) -> String {
    format!("{}[{}]@{}", work.record.topic(), work.record.partition(), work.record.offset())
}

fn trace_of(work: &Work) -> Option<String> {
    work.record.meta().trace.map(|trace| trace.trace_id().to_owned())
}
