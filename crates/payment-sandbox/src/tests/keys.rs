use std::time::Duration;

use super::served::{Served, settings};
use crate::Settings;

#[tokio::test]
async fn the_same_key_is_the_same_answer_and_another_request_under_it_is_refused() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_card_visa").await;
    let first = sandbox.confirm(&id, "k").await;
    let again = sandbox.confirm(&id, "k").await;
    assert!(!first.replayed && again.replayed);
    assert_eq!((first.status, first.body), (again.status, again.body));
    let other = sandbox.ask("/v1/refunds", &[("payment_intent", &id)], "k").await;
    assert_eq!(
        (other.status.as_u16(), &other.body["error"]["type"]),
        (400, &"idempotency_error".into())
    );
    assert_eq!(sandbox.books.read()["given_back"], 0);
    sandbox.clock.advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(sandbox.ask("/v1/refunds", &[("payment_intent", &id)], "k").await.status, 200);
}

#[tokio::test]
async fn a_decline_is_an_answer_that_is_kept_too() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_card_visa_chargeDeclined").await;
    let (first, again) = (sandbox.confirm(&id, "k").await, sandbox.confirm(&id, "k").await);
    assert_eq!((first.status.as_u16(), again.status.as_u16(), again.replayed), (402, 402, true));
}

#[tokio::test]
async fn a_request_under_a_key_that_is_under_way_is_refused() {
    let sandbox = Served::with(Settings { slow_ms: 3_000, ..settings() }).await;
    let id = sandbox.made("pm_sandbox_slow").await;
    let (one, two) = tokio::join!(sandbox.confirm(&id, "k"), sandbox.confirm(&id, "k"));
    let statuses = [one.status.as_u16(), two.status.as_u16()];
    assert!(statuses.contains(&200) && statuses.contains(&409), "{statuses:?}");
    assert_eq!(sandbox.books.read()["payments"][0]["charges"], 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_comes_when_it_is_asked_for_again() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_sandbox_lost").await;
    let path = format!("/v1/payment_intents/{id}/confirm");
    let request = sandbox.post(&path, &[("off_session", "true")]).header("Idempotency-Key", "k");
    assert!(Served::send(request).await.is_err());
    assert_eq!(sandbox.books.read()["taken"], 500);
    let again = sandbox.confirm(&id, "k").await;
    assert!(again.replayed && again.body["status"] == "succeeded");
    assert_eq!(sandbox.books.read()["taken"], 500);
}

#[tokio::test]
async fn a_share_of_all_answers_is_lost() {
    let lossy = Settings { lose_answers: 0.5, seed: Some(1), ..settings() };
    let sandbox = Served::with(lossy).await;
    let mut lost = 0;
    for _ in 0..40 {
        lost += u32::from(Served::send(sandbox.post("/v1/refunds", &[])).await.is_err());
    }
    assert!((5..35).contains(&lost), "{lost} of 40");
}
