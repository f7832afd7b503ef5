//! Stripe's API over HTTP, or whatever speaks the same: PaymentIntents and Refunds.

mod answer;
mod decline;
mod http;
mod money;
mod objects;

use futures::FutureExt;
use futures::future::BoxFuture;
use uuid::Uuid;

use self::http::Http;
use super::{Charge, Provider, Said, Trouble};
use crate::domain::{Intent, Refund};
use crate::settings::ProviderSettings;
use objects::{IntentObject, List, RefundObject};

/// The version of the API that these requests and answers are written for.
const VERSION: &str = "2026-08-26.dahlia";

pub(crate) struct Stripe {
    name: &'static str,
    http: Http,
}

impl Stripe {
    /// With the key, address and patience that the settings name.
    pub(crate) fn new(settings: &ProviderSettings) -> anyhow::Result<Self> {
        Ok(Stripe { name: settings.name(), http: Http::new(settings, VERSION)? })
    }

    /// Measures its answers from now on.
    pub(crate) fn measured(self, metrics: crate::metrics::Metrics) -> Self {
        Stripe { http: self.http.measured(metrics), ..self }
    }
}

impl std::fmt::Display for Stripe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {}", self.name, self.http.host())
    }
}

impl Provider for Stripe {
    fn name(&self) -> &'static str {
        self.name
    }

    fn make<'a>(&'a self, charge: Charge<'a>) -> Said<'a, String> {
        async move {
            let Charge { order_id, amount, currency, method } = charge;
            let amount = money::to_stripe(amount, currency)?.to_string();
            let (currency, order) = (currency.to_lowercase(), order_id.to_string());
            let form = [
                ("amount", amount.as_str()),
                ("currency", &currency),
                ("payment_method", method),
                ("automatic_payment_methods[enabled]", "true"),
                // There is no customer at hand who could be led to a page of his bank's.
                ("automatic_payment_methods[allow_redirects]", "never"),
                ("metadata[order_id]", &order),
            ];
            let key = key(order_id, "make");
            let answer = self.http.post("make", "/v1/payment_intents", &form, &key).await?;
            Ok(answer.made()?.id)
        }
        .boxed()
    }

    fn confirm<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Intent> {
        async move {
            let path = format!("/v1/payment_intents/{}/confirm", name_of(intent)?);
            let form = [("off_session", "true"), ("error_on_requires_action", "true")];
            let answer = self.http.post("confirm", &path, &form, &key(order_id, "confirm")).await?;
            answer.confirmed()?.understood()
        }
        .boxed()
    }

    fn cancel<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Intent> {
        async move {
            let path = format!("/v1/payment_intents/{}/cancel", name_of(intent)?);
            let form = [("cancellation_reason", "requested_by_customer")];
            let answer = self.http.post("cancel", &path, &form, &key(order_id, "cancel")).await?;
            answer.read::<IntentObject>()?.understood()
        }
        .boxed()
    }

    fn intent<'a>(&'a self, intent: &'a str) -> Said<'a, Intent> {
        async move {
            let path = format!("/v1/payment_intents/{}", name_of(intent)?);
            self.http.get("look", &path).await?.read::<IntentObject>()?.understood()
        }
        .boxed()
    }

    fn refund<'a>(&'a self, order_id: Uuid, intent: &'a str) -> Said<'a, Refund> {
        async move {
            let order = order_id.to_string();
            let form = [
                ("payment_intent", name_of(intent)?),
                ("reason", "requested_by_customer"),
                ("metadata[order_id]", &order),
            ];
            let answer =
                self.http.post("refund", "/v1/refunds", &form, &key(order_id, "refund")).await?;
            answer.read::<RefundObject>()?.understood()
        }
        .boxed()
    }

    fn refunds<'a>(&'a self, intent: &'a str) -> Said<'a, Vec<Refund>> {
        async move {
            let path = format!("/v1/refunds?payment_intent={}&limit=100", name_of(intent)?);
            let list = self.http.get("refunds", &path).await?.read::<List<RefundObject>>()?;
            list.data.into_iter().map(RefundObject::understood).collect()
        }
        .boxed()
    }

    fn answers(&self) -> BoxFuture<'_, bool> {
        // Also a key that may not read the balance gets an answer.
        async move {
            let said = self.http.get("ping", "/v1/balance").await;
            said.is_ok_and(|answer| !answer.status.is_server_error())
        }
        .boxed()
    }
}

/// The order's: the same for each try.
fn key(order_id: Uuid, operation: &str) -> String {
    format!("{order_id}:{operation}")
}

/// What Stripe calls things goes into paths, so that it must be what Stripe calls things.
fn name_of(intent: &str) -> Result<&str, Trouble> {
    let fits = (1..=255).contains(&intent.len())
        && intent.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if fits { Ok(intent) } else { Err(Trouble::Wrong("the ledger has no name for it".into())) }
}
