use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::{JoinError, JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::broker::Broker;
use crate::config::{Config, InvalidConfig};
use crate::log::{ReadError, Reader, TopicError, Writer};
use crate::store::{self, Store};
use crate::{http, log::ensure_topic};

/// How long requests that are under way may take once the registry is told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Why a registry ended, or never began.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A setting that cannot work.
    #[error(transparent)]
    Config(#[from] InvalidConfig),
    /// The topic cannot be used.
    #[error(transparent)]
    Topic(#[from] TopicError),
    /// The log cannot be read on.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// The producer could not be made.
    #[error("the Kafka producer could not be made ({0}): check --kafka")]
    Producer(rdkafka::error::KafkaError),
    /// The server failed.
    #[error("the HTTP server failed ({0})")]
    Http(#[from] JoinError),
}

/// Runs a registry on `listener` until `shutdown`, or until it can no longer be right.
///
/// `/health` and `/ready` answer as soon as the topic is known to be usable; everything else once
/// the log has been read to its end.
pub async fn serve(
    listener: TcpListener,
    config: Config,
    shutdown: CancellationToken,
) -> Result<(), ServeError> {
    config.validate()?;
    tokio::select! {
        ensured = ensure_topic(&config) => ensured?,
        () = shutdown.cancelled() => return Ok(()),
    }
    // Requests end first, and the log after them: it says what became of their writes.
    let requests = shutdown.child_token();
    let reading = CancellationToken::new();
    let _stop_reading = reading.clone().drop_guard();
    let (feed, progress, shared) = store::channel();
    let reader = Reader::start(&config, feed, reading)?;
    let broker = Broker::new(reader.consumer(), config.topic.clone());
    let writer = Writer::new(&config).map_err(ServeError::Producer)?;
    let timeout = config.write_timeout;
    let store = Arc::new(Store::new(shared, progress, writer, broker.clone(), timeout));
    let router = http::router(store, &config);
    let http = shop_service::http::serve(listener, router, requests.clone());
    let mut http = AbortOnDrop(tokio::spawn(http));
    let result = tokio::select! {
        ended = &mut http.0 => return Ok(ended?),
        ended = reader.ended() => ended.map_err(ServeError::from),
        () = broker.watch() => Ok(()),
        () = requests.cancelled() => Ok(()),
    };
    requests.cancel();
    if tokio::time::timeout(GRACE, &mut http.0).await.is_err() {
        tracing::warn!("requests were cut off at the end of the grace period");
    }
    result
}

/// Whoever drops the registry's future, or lets its grace period pass, also ends its requests.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
