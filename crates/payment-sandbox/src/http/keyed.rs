//! Requests that change something, under their idempotency key.

use axum::Json;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::{App, header_of};
use crate::bank::{Bank, Begun, Refusal, Said};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// A request that has come: does it, unless it has been done.
pub(super) struct Keyed {
    app: App,
    key: Option<String>,
    request: String,
    /// Something was done, and its answer is kept.
    done: bool,
}

impl Keyed {
    /// Or the answer, where there is nothing to do.
    pub(super) fn begin(
        app: &App,
        headers: &HeaderMap,
        path: &str,
        body: &Bytes,
    ) -> Result<Self, Box<Response>> {
        let key = header_of(headers, "idempotency-key");
        let request = format!("POST {path} {}", String::from_utf8_lossy(body));
        if let Some(key) = &key {
            match app.bank().keys.begin(key, &request) {
                Ok(Begun::New) => {}
                Ok(Begun::Again(said)) => return Err(Box::new(again(said))),
                Err(refusal) => return Err(Box::new(refusal.into_response())),
            }
        }
        Ok(Keyed { app: app.clone(), key, request, done: false })
    }

    /// Does it, keeps the answer and tells the webhooks.
    pub(super) fn run(
        mut self,
        work: impl FnOnce(&mut Bank) -> Result<Value, Refusal>,
    ) -> Response {
        let mut bank = self.app.bank();
        let (status, body, kept) = match work(&mut bank) {
            Ok(body) => (StatusCode::OK, body, true),
            Err(refusal) => (refusal.status, refusal.body(), refusal.kept),
        };
        if let Some(key) = self.key.as_ref().filter(|_| kept) {
            let said = Said {
                request: self.request.clone(),
                status: status.as_u16(),
                body: body.clone(),
                at: bank.keys.now(),
            };
            bank.said(key, said);
        }
        let news = bank.news();
        drop(bank);
        self.done = kept;
        self.app.webhooks.tell(news);
        (status, Json(body)).into_response()
    }
}

/// A client that went away before anything was done has left its key free.
impl Drop for Keyed {
    fn drop(&mut self) {
        if let Some(key) = self.key.as_ref().filter(|_| !self.done) {
            self.app.bank().keys.release(key);
        }
    }
}

fn again(said: Said) -> Response {
    let status = StatusCode::from_u16(said.status).unwrap_or(StatusCode::OK);
    let headers = [(REPLAYED, HeaderValue::from_static("true"))];
    (status, headers, Json(said.body)).into_response()
}
