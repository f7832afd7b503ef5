//! The requests against stripe-mock, which checks each by Stripe's own OpenAPI description and answers
//! with examples: a parameter that Stripe does not know or that is of another type fails here.

use shop_testkit::stripe_mock::StripeMock;
use uuid::Uuid;

use super::running::options;
use crate::domain::Outcome;
use crate::provider::{Charge, Provider, Stripe, Trouble};

fn provider(mock: &StripeMock) -> Stripe {
    // The key is the sandbox's, which looks like one of Stripe's for tests.
    Stripe::new(&options(&["--stripe-url", &mock.url()])).expect("can be made")
}

#[tokio::test]
async fn every_request_is_as_stripes_own_description_has_it() -> anyhow::Result<()> {
    let mock = StripeMock::start().await?;
    let stripe = provider(&mock);
    let order_id = Uuid::from_u128(1);
    let told = |trouble: Trouble| anyhow::anyhow!("{trouble:?}");
    for (amount, currency) in [(1177, "EUR"), (500, "JPY"), (500, "ISK")] {
        let charge = Charge { order_id, amount, currency, method: "pm_card_visa" };
        let id = stripe.make(charge).await.map_err(told)?;
        assert!(id.starts_with("pi_"), "{id}");
        stripe.confirm(order_id, &id).await.map_err(told)?;
        stripe.cancel(order_id, &id).await.map_err(told)?;
        let intent = stripe.intent(&id).await.map_err(told)?;
        assert_eq!((intent.id.as_str(), intent.currency.len()), (id.as_str(), 3));
        let refund = stripe.refund(order_id, &id).await.map_err(told)?;
        assert_eq!(refund.outcome, Outcome::Succeeded);
        let refunds = stripe.refunds(&id).await.map_err(told)?;
        assert!(refunds.iter().all(|refund| refund.id.starts_with("re_")), "{refunds:?}");
    }
    assert!(stripe.answers().await);
    Ok(())
}

#[tokio::test]
async fn what_stripe_would_not_take_is_seen() -> anyhow::Result<()> {
    let mock = StripeMock::start().await?;
    let stripe = provider(&mock);
    // Not through the provider, which sends nothing of that kind: this shows that the mock looks.
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/payment_intents", mock.url()))
        .bearer_auth("sk_test_123")
        .header("Stripe-Version", "2026-08-26.dahlia")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("amount=much&currency=eur")
        .send()
        .await?;
    assert_eq!(answer.status(), 400);
    let wrong = stripe.intent("pi_1/../../refunds").await;
    assert!(matches!(wrong, Err(Trouble::Wrong(_))), "{wrong:?}");
    Ok(())
}
