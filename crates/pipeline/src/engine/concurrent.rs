//! One by one, concurrently: each record's handler is polled at once, and only one that has to
//! wait is kept.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{FuturesUnordered, StreamExt};

use super::{Executor, Finished, Outcome, Work};
use crate::failure::Failure;
use crate::transport::Record;

/// A handler of records as they come.
pub trait RawHandler: Send + Sync + 'static {
    /// Handles one record.
    fn handle(&self, record: &Record) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A place for a handler's future, used again and again: a record whose handler is ready at once
/// costs no allocation.
type Place<F> = Pin<Box<Option<F>>>;

struct Waiting<F>(Option<Place<F>>);

impl<F: Future> Future for Waiting<F> {
    type Output = (Place<F>, F::Output);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let place = self.0.as_mut().expect("not polled after it is ready");
        let future = place.as_mut().as_pin_mut().expect("holds a future until it is ready");
        let output = std::task::ready!(future.poll(cx));
        let mut place = self.0.take().expect("was there a line above");
        place.set(None);
        Poll::Ready((place, output))
    }
}

pub(crate) struct Concurrent<M, F> {
    make: M,
    limit: usize,
    places: Vec<Place<F>>,
    waiting: FuturesUnordered<Waiting<F>>,
}

impl<M, F> Concurrent<M, F>
where
    M: Fn(Work) -> F,
    F: Future<Output = Finished>,
{
    /// `make` turns work into the future that carries it out.
    pub(crate) fn new(limit: usize, make: M) -> Self {
        Concurrent { make, limit, places: Vec::new(), waiting: FuturesUnordered::new() }
    }
}

/// The future of one record under a raw handler.
pub(crate) async fn handle_raw<H: RawHandler>(handler: &H, work: Work) -> Finished {
    let outcome = match handler.handle(&work.record).await {
        Ok(()) => Outcome::Done,
        Err(failure) => failure.into(),
    };
    Finished { work, outcome }
}

impl<M, F> Executor for Concurrent<M, F>
where
    M: Fn(Work) -> F,
    F: Future<Output = Finished>,
{
    const TOGETHER: bool = false;

    fn has_room(&self) -> bool {
        self.waiting.len() < self.limit
    }

    fn start(&mut self, work: Work, cx: &mut Context<'_>) -> Option<Finished> {
        let mut place = self.places.pop().unwrap_or_else(|| Box::pin(None));
        place.set(Some((self.make)(work)));
        let future = place.as_mut().as_pin_mut().expect("set a line above");
        match future.poll(cx) {
            Poll::Ready(finished) => {
                place.set(None);
                self.places.push(place);
                Some(finished)
            }
            Poll::Pending => {
                self.waiting.push(Waiting(Some(place)));
                None
            }
        }
    }

    fn begin(&mut self) {}

    fn poll(&mut self, cx: &mut Context<'_>, ended: &mut Vec<Finished>) {
        if let Poll::Ready(Some((place, finished))) = self.waiting.poll_next_unpin(cx) {
            self.places.push(place);
            ended.push(finished);
        }
    }

    fn running(&self) -> usize {
        self.waiting.len()
    }
}
