//! Giving up partitions, and stopping: finish what runs, commit it, then leave.

use std::time::Duration;

use tokio::time::Instant;

use super::Executor;
use super::run::{Ended, Engine};
use crate::transport::{Source, SourceEvent, TopicPartition};

/// How long the answer to the last commit is waited for.
const LAST_COMMIT: Duration = Duration::from_secs(5);

/// Partitions that are being given up together.
pub(crate) struct Leaving {
    partitions: Vec<TopicPartition>,
    since: Instant,
    /// Set when the last commit has been sent: whose answers are missing, and since when.
    unanswered: Option<(Vec<TopicPartition>, Instant)>,
}

impl Leaving {
    pub(super) fn answered(&mut self, name: &TopicPartition) {
        if let Some((names, _)) = &mut self.unanswered {
            names.retain(|n| n != name);
        }
    }
}

impl<S: Source, X: Executor> Engine<S, X> {
    pub(super) fn revoke(&mut self, partitions: Vec<TopicPartition>) {
        let now = Instant::now();
        for name in &partitions {
            if let Some(partition) = self.partitions.by_name(name) {
                partition.revoking = true;
            }
        }
        self.forget_work();
        let before = self.leaving.take().map(|l| l.partitions).unwrap_or_default();
        let partitions = before.into_iter().chain(partitions).collect();
        self.leaving = Some(Leaving { partitions, since: now, unanswered: None });
    }

    /// Once nothing of them runs, or time is up: commit, and when that is answered, release.
    pub(super) fn proceed_leaving(&mut self) {
        let Some(leaving) = &self.leaving else { return };
        let now = Instant::now();
        match &leaving.unanswered {
            None => {
                let runs = self.partitions.iter().any(|p| p.revoking && p.running > 0);
                if runs && now < leaving.since + self.settings.drain {
                    return;
                }
                let sent = self.commit(|p| p.revoking);
                self.partitions.iter_mut().filter(|p| p.revoking).for_each(|p| p.leaving = true);
                if let Some(leaving) = &mut self.leaving {
                    leaving.unanswered = Some((sent, now));
                }
                self.proceed_leaving();
            }
            Some((names, sent)) if names.is_empty() || now > *sent + LAST_COMMIT => {
                let Some(leaving) = self.leaving.take() else { return };
                leaving.partitions.iter().for_each(|p| self.partitions.remove(p));
                self.source.release(&leaving.partitions);
                self.status.rebalanced(self.partitions.len());
            }
            Some(_) => {}
        }
    }

    /// The process stops: nothing new is begun, and what waits comes again elsewhere.
    pub(super) fn stop_taking(&mut self) {
        if !self.denied {
            tracing::info!(consumer.group = self.status.group(), "stopping: finishing what runs");
        }
        self.stopping = Some(Instant::now());
        self.forget_work();
    }

    pub(super) fn may_stop(&self) -> bool {
        self.stopping.is_some_and(|since| {
            let idle = self.executor.running() == 0 && self.letters.is_empty();
            idle || Instant::now() > since + self.settings.drain
        })
    }

    /// Commits and leaves the group.
    pub(super) async fn finish(mut self) -> Ended {
        let mut unanswered = self.commit(|_| true);
        let until = Instant::now() + LAST_COMMIT;
        let mut events = Vec::new();
        while !unanswered.is_empty() && Instant::now() < until {
            let tick = Instant::now() + Duration::from_millis(20);
            tokio::select! {
                () = self.source.ready() => {}
                () = tokio::time::sleep_until(tick) => {}
            }
            self.source.events(&mut events);
            for event in events.drain(..) {
                if let SourceEvent::Committed(answers) = event {
                    unanswered.retain(|name| !answers.iter().any(|(n, ..)| n == name));
                }
            }
        }
        let group = self.status.group().to_owned();
        let Engine { source, executor, fresh, lanes, letters, denied, .. } = self;
        // Records live in the client's memory: they go before it does.
        drop((executor, fresh, lanes, letters));
        source.close(LAST_COMMIT).await;
        if denied {
            return Ended::Denied;
        }
        tracing::info!(consumer.group = group, "left the group");
        Ended::Stopped
    }
}
