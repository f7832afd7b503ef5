//! Placing the orders: so many at once, each when it is due.

use std::sync::Arc;

use clap::ValueEnum;
use pipeline::Random;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::book::Book;
use super::callers::Callers;
use super::http::Door;
use super::pacer::{Pacer, Turn};
use super::shape::Shape;
use super::stopwatch::Stopwatch;
use super::topic;
use crate::publish::Publisher;

/// How orders reach the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum By {
    /// `POST /orders`; accepted is the answer 202.
    Http,
    /// `CartCheckedOut` on the topic `carts`; accepted is the broker's acknowledgement.
    Topic,
}

/// A way to the shop.
pub(super) enum Way {
    Http(Door, Box<Callers>),
    Topic(Publisher),
}

/// What those who place orders share.
pub(super) struct Senders {
    pub(super) way: Way,
    pub(super) pacer: Pacer,
    pub(super) shape: Shape,
    pub(super) ids: Random,
    pub(super) clock: pipeline::Clock,
    pub(super) watch: Stopwatch,
    pub(super) book: Arc<Book>,
    pub(super) stop: CancellationToken,
}

/// Resolves when every order is accepted or refused, or at the stop.
pub(super) async fn send(senders: Senders, at_once: usize) -> anyhow::Result<()> {
    let senders = Arc::new(senders);
    let mut tasks = JoinSet::new();
    for _ in 0..at_once {
        let senders = senders.clone();
        tasks.spawn(async move { senders.work().await });
    }
    while let Some(ended) = tasks.join_next().await {
        ended?;
    }
    Ok(())
}

impl Senders {
    async fn work(&self) {
        while let Some(turn) = self.pacer.take(self.watch.micros()) {
            if !turn.wait.is_zero() {
                tokio::select! {
                    () = tokio::time::sleep(turn.wait) => {}
                    () = self.stop.cancelled() => {}
                }
            }
            if self.stop.is_cancelled() {
                return;
            }
            self.place(turn).await;
        }
    }

    async fn place(&self, turn: Turn) {
        let order = self.shape.order(turn.number, &self.ids, self.clock.now_micros());
        let story = matches!(self.way, Way::Topic(_)).then_some(order.id);
        let place = self.book.lock().sent(turn.due, self.watch.micros(), story);
        let (answer, tried_again) = match &self.way {
            Way::Http(door, callers) => {
                let (answer, tried_again) = door.place(&order, callers, &self.stop).await;
                (answer.map(Some), tried_again)
            }
            Way::Topic(publisher) => (topic::place(publisher, &order).await.map(|()| None), 0),
        };
        let at = self.watch.micros();
        let mut ledger = self.book.lock();
        ledger.tried_again += tried_again;
        match answer {
            Ok(order_id) => ledger.accepted(place, order_id, at),
            Err(refusal) => ledger.refused(refusal),
        }
    }
}
