//! The listener. It is there from the first moment, so that a probe learns why a service is not
//! ready yet; the service's own routes follow when it has booted.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::Request;
use axum::response::IntoResponse;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::connections::serve;
use super::problem::Problem;

/// A server that runs.
pub(crate) struct Server {
    routes: Arc<OnceLock<Router>>,
    task: JoinHandle<()>,
    address: String,
}

impl Server {
    /// Listens, and serves `always` until `stop`.
    pub(crate) async fn start(
        address: &str,
        always: Router,
        stop: CancellationToken,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(address).await.with_context(|| {
            format!("--listen: cannot listen on {address}; give a free HOST:PORT")
        })?;
        let address = listener.local_addr()?.to_string();
        let routes = Arc::new(OnceLock::new());
        let router = always.fallback({
            let routes = routes.clone();
            move |request| later(routes.clone(), request)
        });
        let task = tokio::spawn(serve(listener, router, stop));
        Ok(Server { routes, task, address })
    }

    /// Adds the service's own routes.
    pub(crate) fn open(&self, routes: Router) {
        let _ = self.routes.set(routes);
    }

    /// Whether it has routes of its own yet.
    pub(crate) fn is_open(&self) -> bool {
        self.routes.get().is_some()
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for the requests under way, and cuts them off past the grace.
    pub(crate) async fn finish(mut self, grace: Duration) {
        if tokio::time::timeout(grace, &mut self.task).await.is_err() {
            tracing::warn!("requests still under way after {grace:?} were cut off");
        }
    }
}

/// A service that fails while it boots leaves no listener behind in its process.
impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn later(routes: Arc<OnceLock<Router>>, request: Request) -> axum::response::Response {
    match routes.get() {
        Some(routes) => routes.clone().oneshot(request).await.into_response(),
        None => Problem::unavailable("The service is starting; /ready says what it waits for.")
            .into_response(),
    }
}
