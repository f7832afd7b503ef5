use std::time::Duration;

use super::served::{SOON, Served, settings};
use crate::Settings;
use shop_testkit::wait;

#[tokio::test]
async fn a_payment_takes_money_once() {
    let sandbox = Served::start().await;
    let id = sandbox.paid("pm_card_visa").await;
    let again = sandbox.confirm(&id, "another key").await;
    assert_eq!(again.status, 400);
    assert_eq!(again.body["error"]["code"], "payment_intent_unexpected_state");
    assert_eq!(again.body["error"]["payment_intent"]["status"], "succeeded");
    let books = sandbox.books.read();
    assert_eq!((&books["taken"], &books["payments"][0]["charges"]), (&500.into(), &1.into()));
    assert_eq!(books["payments"][0]["order_id"], "7");
}

#[tokio::test]
async fn a_card_that_declines_says_why_and_takes_nothing() {
    let sandbox = Served::start().await;
    for (method, code) in [
        ("pm_card_visa_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_radarBlock", "fraudulent"),
    ] {
        let id = sandbox.made(method).await;
        let declined = sandbox.confirm(&id, &id).await;
        assert_eq!(declined.status, 402, "{method}");
        let error = &declined.body["error"];
        assert_eq!((&error["type"], &error["decline_code"]), (&"card_error".into(), &code.into()));
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        let later = sandbox.get(&format!("/v1/payment_intents/{id}")).await;
        assert_eq!(later.body["last_payment_error"]["decline_code"], code);
        assert_eq!(sandbox.confirm(&id, "again").await.status, 400);
    }
    assert_eq!(sandbox.books.read()["taken"], 0);
}

#[tokio::test]
async fn what_is_cancelled_cannot_be_paid_and_what_is_paid_cannot_be_cancelled() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_card_visa").await;
    let cancelled = sandbox.ask(&format!("/v1/payment_intents/{id}/cancel"), &[], "c").await;
    assert_eq!(cancelled.body["status"], "canceled");
    assert_eq!(sandbox.confirm(&id, "p").await.status, 400);
    let paid = sandbox.paid("pm_card_mastercard").await;
    let refused = sandbox.ask(&format!("/v1/payment_intents/{paid}/cancel"), &[], "d").await;
    assert_eq!(refused.body["error"]["code"], "payment_intent_unexpected_state");
}

#[tokio::test]
async fn a_refund_gives_back_what_is_left_and_no_more() {
    let sandbox = Served::start().await;
    let id = sandbox.paid("pm_card_visa").await;
    let part = [("payment_intent", &*id), ("amount", "200")];
    assert_eq!(sandbox.ask("/v1/refunds", &part, "a").await.body["amount"], 200);
    let rest = [("payment_intent", &*id), ("reason", "requested_by_customer")];
    let refund = sandbox.ask("/v1/refunds", &rest, "b").await;
    assert_eq!(
        (&refund.body["amount"], &refund.body["status"]),
        (&300.into(), &"succeeded".into())
    );
    let more = sandbox.ask("/v1/refunds", &rest, "c").await;
    assert_eq!(more.body["error"]["code"], "charge_already_refunded");
    let list = sandbox.get(&format!("/v1/refunds?payment_intent={id}")).await;
    assert_eq!(list.body["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(sandbox.books.read()["given_back"], 500);
}

#[tokio::test]
async fn a_method_for_one_use_pays_once() {
    let sandbox = Served::with(Settings { single_use: true, ..settings() }).await;
    let form = [("amount", "500"), ("currency", "eur"), ("payment_method", "pm_card_visa")];
    let make = async |key| sandbox.ask("/v1/payment_intents", &form, key).await;
    let (one, other) = (make("one").await.id(), make("other").await.id());
    assert_eq!(sandbox.confirm(&one, "pay one").await.body["status"], "succeeded");
    let third = make("third").await;
    for refused in [sandbox.confirm(&other, "pay other").await, third] {
        let error = &refused.body["error"];
        assert_eq!(
            (refused.status.as_u16(), &error["type"]),
            (400, &"invalid_request_error".into())
        );
        assert!(error["code"].is_null() && error["param"].is_null(), "{error}");
    }
    sandbox.paid("pm_card_mastercard").await;
    assert_eq!(sandbox.books.read()["taken"], 1_000);
}

#[tokio::test]
async fn some_things_take_their_time() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_sandbox_processing").await;
    assert_eq!(sandbox.confirm(&id, "k").await.body["status"], "processing");
    let refunded = sandbox.paid("pm_card_pendingRefund").await;
    let refund = sandbox.ask("/v1/refunds", &[("payment_intent", &refunded)], "r").await;
    assert_eq!(refund.body["status"], "pending");
    sandbox.clock.advance(Duration::from_secs(1));
    let path = format!("/v1/payment_intents/{id}");
    let paid = async || sandbox.get(&path).await.body["status"] == "succeeded";
    wait::until(SOON, paid).await.expect("is paid");
    assert_eq!(sandbox.books.read()["given_back"], 500);
}

#[tokio::test]
async fn a_confirmation_that_is_never_answered_takes_nothing_and_the_next_one_pays() {
    let sandbox = Served::start().await;
    let id = sandbox.made("pm_sandbox_timeout").await;
    let path = format!("/v1/payment_intents/{id}/confirm");
    let request = sandbox.post(&path, &[("off_session", "true")]).header("Idempotency-Key", "k");
    let silence = Served::send(request.timeout(Duration::from_millis(100))).await;
    assert!(silence.err().is_some_and(|error| error.is_timeout()));
    assert_eq!(sandbox.books.read()["taken"], 0);
    // The key is free as soon as the sandbox has seen that its client is gone.
    let pays = async || sandbox.confirm(&id, "k").await.body["status"] == "succeeded";
    wait::until(SOON, pays).await.expect("pays");
}

#[tokio::test]
async fn a_client_must_say_who_it_is_and_may_say_nothing_that_is_not_known() {
    let sandbox = Served::start().await;
    let form = [("amount", "1"), ("currency", "eur"), ("payment_method", "pm_card_visa")];
    let with = |more: (&'static str, &'static str)| [&form[..], &[more]].concat();
    let nobody = sandbox.http.post(format!("{}/v1/refunds", sandbox.base)).bearer_auth("pk_public");
    assert_eq!(Served::send(nobody).await.expect("answers").status, 401);
    let paths = "/v1/payment_intents";
    let unknown = sandbox.ask(paths, &with(("colour", "red")), "a").await;
    assert_eq!((unknown.status.as_u16(), &unknown.body["error"]["param"]), (400, &"colour".into()));
    let method = [("amount", "1"), ("currency", "eur"), ("payment_method", "pm_of_nobody")];
    let missing = sandbox.ask(paths, &method, "b").await;
    assert_eq!(missing.body["error"]["code"], "resource_missing");
    assert_eq!(sandbox.get("/v1/payment_intents/pi_none").await.status, 404);
}
