//! Many records in one go: what can start together is collected and handed over as one batch;
//! the next one begins when that has ended.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::{Executor, Finished, Outcome, Work};

/// The future of one batch.
type Batch<'a> = Pin<Box<dyn Future<Output = Vec<Finished>> + Send + 'a>>;

/// Carries out a batch, in order, and says of each record what became of it.
pub(crate) trait BatchHandler: Send + Sync {
    fn handle(&self, batch: Vec<Work>) -> impl Future<Output = Vec<Finished>> + Send;
}

pub(crate) struct Batched<'a, H> {
    handler: &'a H,
    limit: usize,
    next: Vec<Work>,
    current: Option<Batch<'a>>,
    size: usize,
}

impl<'a, H: BatchHandler> Batched<'a, H> {
    pub(crate) fn new(limit: usize, handler: &'a H) -> Self {
        Batched { handler, limit, next: Vec::new(), current: None, size: 0 }
    }
}

impl<H: BatchHandler> Executor for Batched<'_, H> {
    const TOGETHER: bool = true;

    fn has_room(&self) -> bool {
        self.current.is_none() && self.next.len() < self.limit
    }

    fn start(&mut self, work: Work, _: &mut Context<'_>) -> Option<Finished> {
        self.next.push(work);
        None
    }

    fn begin(&mut self) {
        if self.current.is_none() && !self.next.is_empty() {
            let batch = std::mem::take(&mut self.next);
            self.size = batch.len();
            self.current = Some(Box::pin(self.handler.handle(batch)));
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>, ended: &mut Vec<Finished>) {
        if let Some(batch) = &mut self.current
            && let Poll::Ready(finished) = batch.as_mut().poll(cx)
        {
            self.current = None;
            self.size = 0;
            ended.extend(finished);
        }
    }

    fn running(&self) -> usize {
        self.size + self.next.len()
    }
}

/// Turns outcomes into what the order of keys allows: after one that is to be tried again, the
/// later ones of its key have not been handled either. Handlers ask before each record.
#[derive(Default)]
pub(crate) struct HeldKeys(HashSet<super::LaneId>);

impl HeldKeys {
    pub(crate) fn holds(&self, work: &Work) -> bool {
        work.lane.is_some_and(|lane| self.0.contains(&lane))
    }

    pub(crate) fn note(&mut self, work: &Work, outcome: &Outcome) {
        if let (Some(lane), Outcome::Retry(..) | Outcome::Unavailable(_)) = (work.lane, outcome) {
            self.0.insert(lane);
        }
    }
}
