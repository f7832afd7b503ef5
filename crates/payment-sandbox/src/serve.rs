//! An HTTP server that can break the connection instead of answering.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tower::ServiceExt;

/// Marks a response that is not to be sent: the client sees its connection break.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost;

/// Serves until it is dropped, and its connections with it.
pub(crate) async fn serve(listener: TcpListener, routes: Router) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, _)) = accepted else {
            // Out of sockets, for example: the next moment may be better.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let routes = routes.clone();
        let answer = service_fn(move |request: hyper::Request<Incoming>| {
            let routes = routes.clone();
            async move {
                let Ok(response): Result<Response, _> =
                    routes.oneshot(request.map(Body::new)).await;
                match response.extensions().get::<Lost>() {
                    Some(Lost) => Err("the answer is lost"),
                    None => Ok(response),
                }
            }
        });
        connections.spawn(async move {
            // An error here is a lost answer, or a client that is gone.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}
