use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
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
    /// The listener failed.
    #[error("the HTTP listener failed ({0})")]
    Http(#[from] std::io::Error),
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
    let stop = shutdown.child_token();
    let _stop_on_return = stop.clone().drop_guard();
    let (feed, progress, shared) = store::channel();
    let reader = Reader::start(&config, feed, stop.clone())?;
    let broker = Broker::new(reader.consumer(), config.topic.clone());
    let writer = Writer::new(&config).map_err(ServeError::Producer)?;
    let store =
        Arc::new(Store::new(shared, progress, writer, broker.clone(), config.write_timeout));
    let http = axum::serve(listener, http::router(store, &config))
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    let mut http = tokio::spawn(http.into_future());
    let result = tokio::select! {
        served = &mut http => return Ok(served.unwrap_or_else(|e| Err(std::io::Error::other(e)))?),
        ended = reader.ended() => ended.map_err(ServeError::from),
        () = broker.watch() => Ok(()),
    };
    stop.cancel();
    if tokio::time::timeout(GRACE, &mut http).await.is_err() {
        tracing::warn!("requests were cut off at the end of the grace period");
        http.abort();
    }
    result
}
