//! The listener's connections: so many at once, and each says what it wants within a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// What connections may cost.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    /// One more waits until another has ended.
    at_once: usize,
    /// Until the head of a request is there, and between two requests.
    head: Duration,
}

/// More than the requests and the streams that are served at once.
const BOUNDS: Bounds = Bounds { at_once: 2_048, head: Duration::from_secs(15) };

/// After an error of the listener, for example that there are no more sockets.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then what is under way to its end. Dropped, it ends all connections.
pub async fn serve(listener: TcpListener, routes: Router, stop: CancellationToken) {
    within(BOUNDS, listener, routes, stop).await;
}

async fn within(bounds: Bounds, listener: TcpListener, routes: Router, stop: CancellationToken) {
    let room = Arc::new(Semaphore::new(bounds.at_once));
    let mut connections = JoinSet::new();
    let accepting = async {
        loop {
            // Never closed.
            let Ok(place) = room.clone().acquire_owned().await else { return };
            while connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let connection = connection(stream, peer, routes.clone(), bounds, stop.clone());
                    connections.spawn(async move {
                        connection.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop.cancelled() => {}
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    routes: Router,
    bounds: Bounds,
    stop: CancellationToken,
) {
    let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.clone().oneshot(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        // Without a timer there is no timeout either.
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .serve_connection(TokioIo::new(stream), answer);
    let mut connection = std::pin::pin!(connection);
    // An error is a client that is gone, or that does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    const SOON: Duration = Duration::from_secs(60);
    const NEVER: Duration = Duration::from_secs(3_600);

    struct Running {
        at: SocketAddr,
        stop: CancellationToken,
        serving: JoinHandle<()>,
        /// Lets `/slow` answer.
        go: Arc<Notify>,
        /// Told when `/slow` was asked.
        asked: Arc<Notify>,
    }

    async fn run(at_once: usize, head: Duration) -> Running {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (go, asked) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = {
            let (go, asked) = (go.clone(), asked.clone());
            async move || {
                asked.notify_one();
                go.notified().await;
                "slow"
            }
        };
        let whence = async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.ip().to_string();
        let routes = Router::new().route("/", get(whence)).route("/slow", get(slow));
        let bounds = Bounds { at_once, head };
        let serving = tokio::spawn(within(bounds, listener, routes, stop.clone()));
        Running { at, stop, serving, go, asked }
    }

    impl Running {
        async fn say(&self, what: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.at).await.unwrap();
            stream.write_all(what.as_bytes()).await.unwrap();
            stream
        }
    }

    /// What comes until the connection ends.
    async fn rest(mut stream: TcpStream) -> String {
        let mut text = String::new();
        let read = stream.read_to_string(&mut text);
        // A connection that is reset has ended too.
        let _ = tokio::time::timeout(SOON, read).await.expect("the connection ends");
        text
    }

    const ONE: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_head_that_does_not_come_costs_the_connection() {
        let running = run(10, Duration::from_millis(200)).await;
        for begun in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
            rest(running.say(begun).await).await;
        }
        // Nor does one stay that has had its answer and asks for nothing more.
        let running = run(10, Duration::from_secs(3)).await;
        let answered = rest(running.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await).await;
        assert!(answered.ends_with("127.0.0.1"), "{answered}");
    }

    #[tokio::test]
    async fn a_request_has_its_time_once_its_head_is_there() {
        let running = run(10, Duration::from_secs(3)).await;
        let slow = running.say(&ONE.replace("/ ", "/slow ")).await;
        running.asked.notified().await;
        // Longer than a head may take.
        let idle = running.say("").await;
        rest(idle).await;
        running.go.notify_one();
        assert!(rest(slow).await.ends_with("slow"));
    }

    #[tokio::test]
    async fn one_connection_too_many_waits_until_another_has_ended() {
        let running = run(2, NEVER).await;
        let (first, _second) = (running.say("").await, running.say("").await);
        let mut third = running.say(ONE).await;
        let mut answer = [0; 64];
        let early = tokio::time::timeout(Duration::from_millis(300), third.read(&mut answer));
        assert!(early.await.is_err(), "it is not served yet");
        drop(first);
        assert!(rest(third).await.ends_with("127.0.0.1"));
    }

    #[tokio::test]
    async fn at_the_stop_what_runs_is_finished_and_nothing_new_is_taken() {
        let running = run(10, NEVER).await;
        let mut idle = running.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
        let mut head = [0; 12];
        idle.read_exact(&mut head).await.unwrap();
        let slow = running.say("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await;
        running.asked.notified().await;
        running.stop.cancel();
        rest(idle).await;
        let refused = async || TcpStream::connect(running.at).await.err();
        shop_testkit::wait::some(SOON, refused).await.expect("nothing new is taken");
        assert!(!running.serving.is_finished());
        running.go.notify_one();
        assert!(rest(slow).await.ends_with("slow"));
        tokio::time::timeout(SOON, running.serving).await.expect("ends").unwrap();
    }
}
