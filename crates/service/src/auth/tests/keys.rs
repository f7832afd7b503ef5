//! The keys' cache: rotation without a restart, and a JWKS server that is not asked more than once
//! in the interval, whatever comes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::get as route;
use futures::future::join_all;
use pipeline::Clock;
use serde_json::Value;
use shop_testkit::tokens::Issuer;

use super::super::KeysFrom;
use super::{NOW, app, file_of, get};

const INTERVAL: Duration = Duration::from_secs(5);

/// A user service's JWKS that counts who asks.
#[derive(Clone, Default)]
struct Server {
    /// Nothing while it fails.
    jwks: Arc<Mutex<Option<Value>>>,
    asked: Arc<AtomicUsize>,
}

impl Server {
    async fn start(jwks: Option<Value>) -> (Self, KeysFrom) {
        let server = Server::default();
        server.serves(jwks);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/.well-known/jwks.json", listener.local_addr().unwrap());
        let answers = server.clone();
        let routes =
            Router::new().route("/.well-known/jwks.json", route(async move || answers.answer()));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (server, KeysFrom::Url(url))
    }

    fn serves(&self, jwks: Option<Value>) {
        *self.jwks.lock().unwrap() = jwks;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer(&self) -> Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.jwks.lock().unwrap().clone() {
            Some(jwks) => axum::Json(jwks).into_response(),
            None => axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

#[tokio::test]
async fn unknown_keys_make_it_ask_once_in_the_interval() {
    let issuer = Issuer::new().unwrap();
    let (server, from) = Server::start(Some(issuer.jwks())).await;
    let clock = Clock::manual(NOW);
    let app = app(from, &clock);
    let strangers = |from: usize| {
        let token = |i| issuer.draft(1, "customer").head("kid", format!("unknown-{i}")).signed();
        (from..from + 100).map(token).collect::<Vec<_>>()
    };
    let all = async |tokens: Vec<String>| {
        let answers = join_all(tokens.iter().map(|token| get(&app, "/me", Some(token)))).await;
        assert!(answers.iter().all(|a| (a.status.as_u16(), a.kind()) == (401, "token-key")));
    };
    all(strangers(0)).await;
    assert_eq!(server.asked(), 1);
    clock.advance(INTERVAL - Duration::from_millis(1));
    all(strangers(100)).await;
    assert_eq!(server.asked(), 1);
    clock.advance(Duration::from_millis(1));
    all(strangers(200)).await;
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_hundred_first_tokens_at_once_make_it_ask_once_and_all_pass() {
    let issuer = Issuer::new().unwrap();
    let (server, from) = Server::start(Some(issuer.jwks())).await;
    let app = app(from, &Clock::manual(NOW));
    let token = issuer.token("0190b6ac-0000-7000-8000-000000000001", "customer");
    let answers = join_all((0..100).map(|_| get(&app, "/me", Some(&token)))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(server.asked(), 1);
}

#[tokio::test]
async fn keys_rotate_without_a_restart() {
    const USER: &str = "0190b6ac-0000-7000-8000-000000000001";
    let mut issuer = Issuer::new().unwrap();
    let (server, from) = Server::start(Some(issuer.jwks())).await;
    let clock = Clock::manual(NOW);
    let app = app(from, &clock);
    let old = issuer.token(USER, "customer");
    assert_eq!(get(&app, "/me", Some(&old)).await.status, 200);
    issuer.rotate().unwrap();
    server.serves(Some(issuer.jwks()));
    let new = issuer.token(USER, "customer");
    clock.advance(INTERVAL);
    assert_eq!(get(&app, "/me", Some(&new)).await.status, 200);
    assert_eq!(get(&app, "/me", Some(&old)).await.status, 200);
    assert_eq!(server.asked(), 2);
}

#[tokio::test]
async fn a_key_that_was_taken_back_is_not_trusted_for_good() {
    const USER: &str = "0190b6ac-0000-7000-8000-000000000001";
    let mut issuer = Issuer::new().unwrap();
    let clock = Clock::manual(NOW);
    let app = app(file_of(&issuer), &clock);
    let old = issuer.token(USER, "customer");
    assert_eq!(get(&app, "/me", Some(&old)).await.status, 200);
    issuer.rotate().unwrap();
    issuer.forget_old_keys().unwrap();
    assert_eq!(get(&app, "/me", Some(&old)).await.status, 200);
    clock.advance(Duration::from_secs(300));
    // This one finds the keys old, and has them asked for behind its back.
    let refused = async {
        while get(&app, "/me", Some(&old)).await.kind() != "token-key" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("it is refused at last");
    let new = issuer.token(USER, "customer");
    assert_eq!(get(&app, "/me", Some(&new)).await.status, 200);
}

#[tokio::test]
async fn while_no_keys_have_ever_been_had_it_is_a_503_and_afterwards_they_hold() {
    const USER: &str = "0190b6ac-0000-7000-8000-000000000001";
    let issuer = Issuer::new().unwrap();
    let (server, from) = Server::start(None).await;
    let clock = Clock::manual(NOW);
    let app = app(from, &clock);
    let token = issuer.token(USER, "customer");
    let answer = get(&app, "/me", Some(&token)).await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (503, "unavailable"));
    assert_eq!(answer.headers["retry-after"], "5");
    assert_eq!(get(&app, "/me", None).await.status, 401, "who has no token needs no keys");
    server.serves(Some(issuer.jwks()));
    assert_eq!(get(&app, "/me", Some(&token)).await.status, 503, "not asked again at once");
    clock.advance(INTERVAL);
    assert_eq!(get(&app, "/me", Some(&token)).await.status, 200);
    server.serves(None);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(get(&app, "/me", Some(&token)).await.status, 200, "the user service is away");
    let stranger = issuer.draft(USER, "customer").head("kid", "unknown").signed();
    assert_eq!(get(&app, "/me", Some(&stranger)).await.status, 401);
}
