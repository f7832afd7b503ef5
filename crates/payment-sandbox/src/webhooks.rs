//! Tells what became of payments: events, signed as Stripe signs them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use pipeline::Clock;
use serde_json::Value;
use sha2::Sha256;
use shop_service::Secret;
use tokio::sync::Semaphore;

use crate::bank::News;
use crate::settings::Settings;

/// Until a webhook is taken for deaf.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between the tries; then an event is given up, as Stripe does after three days.
const AGAIN: [u64; 6] = [100, 500, 1_000, 5_000, 20_000, 60_000];
/// Deliveries at once.
const AT_ONCE: usize = 16;

#[derive(Clone)]
pub(crate) struct Webhooks(Option<Arc<Inner>>);

struct Inner {
    http: reqwest::Client,
    url: url::Url,
    secret: Secret,
    clock: Clock,
    room: Semaphore,
}

impl Webhooks {
    pub(crate) fn new(settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let Some(url) = settings.webhook_url.clone() else { return Ok(Webhooks(None)) };
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let (secret, room) = (settings.webhook_secret.clone(), Semaphore::new(AT_ONCE));
        Ok(Webhooks(Some(Arc::new(Inner { http, url, secret, clock, room }))))
    }

    /// Tells in the background, again and again until it is heard; nobody waits for it.
    pub(crate) fn tell(&self, news: Vec<News>) {
        let Some(inner) = &self.0 else { return };
        for News { event, times } in news {
            for _ in 0..times {
                tokio::spawn(deliver(inner.clone(), event.clone()));
            }
        }
    }
}

async fn deliver(inner: Arc<Inner>, event: Value) {
    let body = event.to_string();
    for wait in AGAIN {
        let Ok(_place) = inner.room.acquire().await else { return };
        let seconds = inner.clock.now_micros() / 1_000_000;
        let request = inner
            .http
            .post(inner.url.clone())
            .header("Content-Type", "application/json; charset=utf-8")
            .header("Stripe-Signature", signature(&inner.secret, seconds, body.as_bytes()))
            .body(body.clone());
        match request.send().await {
            Ok(answer) if answer.status().is_success() => return,
            _ => {}
        }
        drop(_place);
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    tracing::warn!(event.id = %event["id"], "nobody took this webhook; it is given up");
}

/// The header `Stripe-Signature`: when, and the HMAC of when and body.
pub(crate) fn signature(secret: &Secret, seconds: i64, body: &[u8]) -> String {
    let mut header = format!("t={seconds},v1=");
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) else {
        return header;
    };
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    for byte in mac.finalize().into_bytes() {
        let _ = write!(header, "{byte:02x}");
    }
    header
}
