//! A service's routes, asked in this process.

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use tower::ServiceExt;

/// Asks a router as a client would.
#[derive(Clone)]
pub struct Client(Router);

/// What it answers.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body: JSON, or a text where it is none.
    pub body: Value,
}

impl Answer {
    /// Where the header `Location` leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default()
    }

    /// The word at the end of a problem's type.
    pub fn kind(&self) -> &str {
        let kind = self.body["type"].as_str().unwrap_or_default();
        kind.rsplit(':').next().unwrap_or_default()
    }

    /// The first field that was refused.
    pub fn field(&self) -> &str {
        self.body["errors"][0]["field"].as_str().unwrap_or_default()
    }
}

/// A request before it is sent: `client.post("/orders").by(&token).json(&body).send().await`.
pub struct Asking {
    routes: Router,
    request: axum::http::request::Builder,
    body: Body,
}

impl Client {
    /// Of these routes.
    pub fn new(routes: Router) -> Self {
        Client(routes)
    }

    /// A request by this method.
    pub fn ask(&self, method: &str, path: &str) -> Asking {
        let request = Request::builder().method(method).uri(path);
        Asking { routes: self.0.clone(), request, body: Body::empty() }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Asking {
        self.ask("GET", path)
    }

    /// POST.
    pub fn post(&self, path: &str) -> Asking {
        self.ask("POST", path)
    }

    /// PUT.
    pub fn put(&self, path: &str) -> Asking {
        self.ask("PUT", path)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Asking {
        self.ask("DELETE", path)
    }
}

impl Asking {
    /// By whoever has this access token.
    #[must_use]
    pub fn by(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Asking { request: self.request.header(name, value), ..self }
    }

    /// From this address, as over a socket.
    #[must_use]
    pub fn from(self, address: IpAddr) -> Self {
        let peer = ConnectInfo(SocketAddr::new(address, 0));
        Asking { request: self.request.extension(peer), ..self }
    }

    /// With an idempotency key.
    #[must_use]
    pub fn key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With this body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let with = self.header("content-type", "application/json");
        Asking { body: Body::from(body.to_string()), ..with }
    }

    /// Sends it and reads the answer to its end.
    pub async fn send(self) -> Answer {
        let request = self.request.body(self.body).expect("a request");
        let Ok(response) = self.routes.oneshot(request).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        let text = || Value::String(String::from_utf8_lossy(&bytes).into_owned());
        let body = serde_json::from_slice(&bytes).unwrap_or_else(|_| text());
        Answer { status, headers, body }
    }
}
