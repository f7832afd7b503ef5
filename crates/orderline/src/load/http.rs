//! Orders by `POST /orders`, tried again with the same key until there is an answer.

use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use shop_service::Secret;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::callers::Callers;
use super::refusal::Refusal;
use super::shape::{self, Planned};

/// How long the service may take for one answer.
const ANSWER: Duration = Duration::from_secs(30);
/// Until a try that had no answer is made again.
const AGAIN: Duration = Duration::from_millis(100);

/// The order service's door.
pub(super) struct Door {
    http: reqwest::Client,
    orders: Url,
    patience: Duration,
}

/// What `--order-service` may be.
pub(super) fn url(text: &str) -> Result<Url, String> {
    let wrong = || "write it as http://HOST:PORT, as in http://127.0.0.1:8101".to_owned();
    let mut url: Url = text.parse().map_err(|_| wrong())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() || !url.username().is_empty() {
        return Err(wrong());
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

impl Door {
    /// Finds out whether the service is ready before anything is sent to it.
    pub(super) async fn open(
        base: &Url,
        at_once: usize,
        patience: Duration,
    ) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(ANSWER)
            .pool_max_idle_per_host(at_once)
            .build()?;
        let answer = http.get(base.join("ready")?).send().await.with_context(|| {
            format!(
                "the order service at {base} does not answer: is it running? `make order` starts it \
                 here; --order-service names yours"
            )
        })?;
        if !answer.status().is_success() {
            let (status, why) = (answer.status(), answer.text().await.unwrap_or_default());
            bail!("the order service at {base} is not ready ({status}): {}", why.trim());
        }
        Ok(Door { http, orders: base.join("orders")?, patience })
    }

    /// Its id, and how many tries had no answer.
    pub(super) async fn place(
        &self,
        order: &Planned,
        callers: &Callers,
        stop: &CancellationToken,
    ) -> (Result<Uuid, Refusal>, u64) {
        let (end, body) = (Instant::now() + self.patience, body(order).to_string());
        let (mut tried_again, mut renewed) = (0, false);
        loop {
            let token = callers.token(order.user);
            let why = match self.try_once(order.id, &token, body.clone()).await {
                // A token lasts a quarter of an hour.
                Ok(Err(refusal)) if refusal.status == Some(401) && !renewed => {
                    renewed = true;
                    if callers.renew(order.user, &token).await {
                        continue;
                    }
                    return (Err(refusal), tried_again);
                }
                Ok(answer) => return (answer, tried_again),
                Err(why) => why,
            };
            if stop.is_cancelled() || Instant::now() > end {
                return (Err(Refusal::unanswered(why)), tried_again);
            }
            tried_again += 1;
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// The answer, or why there was none: then nobody knows whether the order is placed.
    async fn try_once(
        &self,
        key: Uuid,
        token: &Secret,
        body: String,
    ) -> Result<Result<Uuid, Refusal>, String> {
        let request = self
            .http
            .post(self.orders.clone())
            .bearer_auth(token.reveal())
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key.to_string())
            .body(body);
        let answer = request.send().await.map_err(|error| words(&error))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| words(&error))?;
        if status != StatusCode::ACCEPTED {
            return Ok(Err(Refusal::answered(status, &text)));
        }
        let placed: Value = serde_json::from_str(&text).unwrap_or_default();
        let id = placed["order_id"].as_str().and_then(|id| id.parse().ok());
        Ok(id.ok_or_else(|| Refusal::answered(status, "the answer has no order_id")))
    }
}

/// The last cause says most, and names no order.
fn words(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

fn body(order: &Planned) -> Value {
    let lines = order.lines.iter();
    json!({
        "email": shape::email(order.user),
        "name": format!("Load Test {}", order.user),
        "currency": "EUR",
        "lines": lines
            .map(|(product, pieces)| json!({ "sku": shape::sku(*product), "quantity": pieces }))
            .collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn the_address_of_the_service_is_a_url_that_holds_no_secret() {
        assert_eq!(
            url("http://127.0.0.1:1").map(|url| url.join("orders").unwrap().to_string()).as_deref(),
            Ok("http://127.0.0.1:1/orders")
        );
        assert_eq!(
            url("https://shop.example/api")
                .map(|url| url.join("orders").unwrap().to_string())
                .as_deref(),
            Ok("https://shop.example/api/orders")
        );
        for wrong in ["127.0.0.1:8101", "ftp://a", "http://user:secret@a", ""] {
            assert!(url(wrong).is_err(), "{wrong}");
        }
    }

    /// A server that answers 503, hangs up in the middle of an answer, and then accepts.
    #[tokio::test]
    async fn a_try_without_an_answer_is_made_again_with_the_same_key() -> anyhow::Result<()> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let base =
            url(&format!("http://{}", listener.local_addr()?)).map_err(anyhow::Error::msg)?;
        let keys = Arc::new(Mutex::new(Vec::new()));
        let heard = keys.clone();
        let id = Uuid::from_u128(5);
        let answer = format!(r#"{{"order_id":"{id}"}}"#);
        let accepted = format!(
            "HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        let ready = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let torn = "HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\n{";
        let answers = [ready.to_owned(), torn.to_owned(), String::new(), accepted];
        let server = tokio::spawn(async move {
            for answer in answers {
                let (mut connection, _) = listener.accept().await?;
                let mut request = vec![0; 4_096];
                let length = connection.read(&mut request).await?;
                let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
                let key = request.lines().find_map(|line| line.strip_prefix("idempotency-key: "));
                heard.lock().unwrap().extend(key.map(str::to_owned));
                connection.write_all(answer.as_bytes()).await?;
            }
            anyhow::Ok(())
        });
        let door = Door::open(&base, 1, Duration::from_secs(60)).await?;
        let order = Planned { id: Uuid::from_u128(9), user: 1, lines: vec![(1, 1)] };
        let callers = Callers::Tokens(vec![Secret::from("token")]);
        let (placed, tried_again) = door.place(&order, &callers, &CancellationToken::new()).await;
        assert_eq!((placed, tried_again), (Ok(id), 2));
        server.await??;
        assert_eq!(*keys.lock().unwrap(), vec![order.id.to_string(); 3]);
        Ok(())
    }
}
