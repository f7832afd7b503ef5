use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use futures::FutureExt;
use pipeline::Cause;
use serde::Deserialize;
use shop_service::http::Problem;

use super::App;
use super::signature::{Forged, verify};
use crate::ledger;

/// What is needed of an event. It is a hint that something has changed at the provider; what, is
/// asked of the provider itself, so that events may come late, twice, out of order or not at all.
#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Object,
}

#[derive(Deserialize)]
struct Object {
    #[serde(default)]
    id: String,
    #[serde(default)]
    object: String,
    /// Of a refund or a charge.
    #[serde(default)]
    payment_intent: Option<String>,
}

impl Event {
    /// The payment that it speaks of.
    fn intent(self) -> Option<String> {
        let Object { id, object, payment_intent } = self.data.object;
        if object == "payment_intent" { Some(id) } else { payment_intent }
    }
}

/// Hears from the payment provider that something has happened to a payment. Signed by it in the
/// header `Stripe-Signature`.
#[utoipa::path(
    post,
    path = "/webhooks/stripe",
    // Whoever signs as the provider does is the provider.
    extensions(("x-access" = json!("anyone"))),
    params(("Stripe-Signature" = String, Header, description = "t=SECONDS,v1=HEX")),
    request_body(content = String, content_type = "application/json"),
    responses(
        (status = 204, description = "Taken, now or before."),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn hear_stripe(
    State(app): State<App>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let heard = hear(&app, &headers, &body).await;
    let outcome = match &heard {
        Ok(outcome) => *outcome,
        Err(_) => "refused",
    };
    app.cashier.0.metrics.heard(outcome);
    heard.map(|_| StatusCode::NO_CONTENT)
}

/// What became of it.
async fn hear(app: &App, headers: &HeaderMap, body: &[u8]) -> Result<&'static str, Problem> {
    let Some(secret) = &app.secret else {
        return Err(Problem::unavailable(
            "Webhooks are not taken: this service has no secret to tell them by.",
        ));
    };
    let cashier = &app.cashier.0;
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let now = cashier.store.now_micros();
    verify(secret, header, body, now / 1_000_000).map_err(forged)?;
    let event: Event = serde_json::from_slice(body)
        .map_err(|error| Problem::bad_request(format!("This is no event: {error}.")))?;
    let (id, kind) = (event.id.clone(), event.kind.clone());
    if id.is_empty() || id.len() > 255 {
        return Err(Problem::field("id", "must be 1 to 255 characters"));
    }
    let Some(intent) = event.intent() else { return Ok("ignored") };
    let (id, intent) = (&id, &intent);
    let outcome: Result<&str, sqlx::Error> = cashier
        .store
        .write(Cause::default(), |tx| {
            async move {
                let now = tx.now_micros();
                if !ledger::take_event(tx.conn(), id, now).await? {
                    return Ok("repeated");
                }
                let ours = ledger::hint(tx.conn(), intent, now).await?;
                Ok(if ours { "taken" } else { "ignored" })
            }
            .boxed()
        })
        .await;
    let outcome = outcome?;
    tracing::debug!(event.id = %id, event.kind = kind, payment.intent = intent, outcome, "a webhook was heard");
    if outcome == "taken" {
        cashier.hinted.notify_one();
    }
    Ok(outcome)
}

fn forged(why: Forged) -> Problem {
    let (kind, words) = match why {
        Forged::Unsigned => {
            ("unsigned", "The header Stripe-Signature is missing or cannot be read.")
        }
        Forged::Wrong => {
            ("wrong-signature", "The signature is not of this body under this secret.")
        }
        Forged::Old => {
            ("old-signature", "It was signed more than five minutes ago, or in the future.")
        }
    };
    tracing::warn!(failure.class = kind, "a webhook was refused: it is not signed as it should be");
    Problem::new(StatusCode::BAD_REQUEST, kind, words)
}
