//! Whether a group has read a topic once: before that, what it does not know may be there all the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use pipeline::transport::Transport;
use pipeline::{Clock, Horizon};
use tokio_util::sync::CancellationToken;

use crate::http::Problem;

/// Between two questions to the broker.
const EVERY: Duration = Duration::from_millis(500);

/// Whether a group has read, since the process has started, what stood on some topics then. What is
/// known from them is right at all times; that something is not there is known once this is over.
#[derive(Clone, Default)]
pub struct FirstReading(Arc<AtomicBool>);

impl FirstReading {
    /// One that nobody waits for any more.
    pub fn over() -> Self {
        FirstReading(Arc::new(AtomicBool::new(true)))
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The answer about something that is not known: that there is no such thing, or, until this is
    /// over, that nobody knows yet.
    pub fn unknown(&self, no_such: Problem) -> Problem {
        if self.is_over() {
            return no_such;
        }
        Problem::unavailable(
            "Not everything has been read yet, and this may be in it. Send the same request again.",
        )
    }

    /// Asks until it is over, and then waits for `stop`.
    pub(crate) async fn watch<T: Transport>(
        self,
        mut horizon: Horizon<T>,
        clock: Clock,
        stop: CancellationToken,
    ) {
        let ends = async {
            // While the broker is away, `/ready` says so for the group.
            while !matches!(horizon.reach(clock.now_micros()).await, Ok(Some(_))) {
                tokio::time::sleep(EVERY).await;
            }
            self.0.store(true, Ordering::Relaxed);
            std::future::pending().await
        };
        tokio::select! {
            () = ends => {}
            () = stop.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use pipeline::transport::Sink;
    use pipeline::transport::memory::Memory;
    use pipeline::{Failure, Group, Outgoing, RawHandler, Runtime, Schemas, Settings};
    use prometheus_client::registry::Registry;

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    struct Read;

    impl RawHandler for Read {
        async fn handle(&self, _: &pipeline::transport::Record) -> Result<(), Failure> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn it_is_over_when_the_group_has_read_what_stood_there() -> anyhow::Result<()> {
        let (memory, stop) = (Memory::new(3), CancellationToken::new());
        let record = |key: &str| Outgoing {
            topic: "products".into(),
            key: Some(key.into()),
            payload: Some(vec![1]),
            headers: Vec::new(),
        };
        memory.broker().send(["a", "b", "c"].map(record).into()).await?;
        let schemas = Schemas::in_memory();
        let runtime = Runtime::new(memory.clone(), schemas, "test", &mut Registry::default())?;
        let reading = FirstReading::default();
        let horizon = runtime.horizon("order", &["products"]);
        let watching = reading.clone().watch(horizon, Clock::system(), stop.clone());
        let watching = tokio::spawn(watching);
        let no_such = || Problem::not_found("There is no such product.");
        assert_eq!(reading.unknown(no_such()).status(), 503);

        let settings = Settings { commit_every: Duration::from_millis(20), ..Settings::default() };
        let group = Group::new("order", &runtime).settings(settings);
        let token = stop.clone();
        let group = tokio::spawn(async move { group.raw(&["products"], &Read, token).await });
        shop_testkit::wait::until(SOON, async || reading.is_over()).await?;
        assert_eq!(memory.broker().lag("order", "products"), 0);
        assert_eq!(reading.unknown(no_such()), no_such());
        stop.cancel();
        watching.await?;
        Ok(group.await??)
    }
}
