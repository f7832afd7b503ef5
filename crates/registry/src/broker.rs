//! Whether the broker answers, and how far the log goes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use tokio::time::sleep;

const PATIENCE: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(crate) struct Broker {
    /// Weak, so that the client ends on the reader's thread, where its end may take its time.
    consumer: Weak<BaseConsumer>,
    topic: String,
    up: Arc<AtomicBool>,
}

impl Broker {
    pub(crate) fn new(consumer: Weak<BaseConsumer>, topic: String) -> Self {
        Self { consumer, topic, up: Arc::new(AtomicBool::new(true)) }
    }

    pub(crate) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// The offset after the last record of the log, or nothing when the broker does not say.
    pub(crate) async fn end(&self) -> Option<i64> {
        if !self.is_up() {
            return None;
        }
        self.ask().await
    }

    async fn ask(&self) -> Option<i64> {
        let (consumer, topic) = (self.consumer.upgrade()?, self.topic.clone());
        let asked =
            tokio::task::spawn_blocking(move || consumer.fetch_watermarks(&topic, 0, PATIENCE));
        asked.await.ok()?.ok().map(|(_, end)| end)
    }

    /// Asks for ever, so that readiness is known before a client finds out.
    pub(crate) async fn watch(&self) {
        loop {
            let up = self.ask().await.is_some();
            if self.up.swap(up, Ordering::Relaxed) != up {
                match up {
                    true => tracing::info!("the broker is back"),
                    false => tracing::warn!(
                        "the broker is away: reads go on from memory, writes are refused"
                    ),
                }
            }
            sleep(EVERY).await;
        }
    }
}
