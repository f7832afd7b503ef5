use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::App;
use super::form::Form;
use super::keyed::Keyed;
use crate::bank::{NewRefund, Refund, Refusal};

pub(super) async fn create(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    match Keyed::begin(&app, &headers, "/v1/refunds", &body) {
        Ok(keyed) => keyed.run(|bank| Ok(bank.refund(wanted(&body)?)?.view())),
        Err(answer) => *answer,
    }
}

fn wanted(body: &[u8]) -> Result<NewRefund, Refusal> {
    let mut form = Form::read(body);
    let (intent, amount) = (form.text("payment_intent")?, form.number("amount")?);
    let metadata = form.metadata();
    form.end(&["reason"])?;
    Ok(NewRefund { intent, amount, metadata })
}

pub(super) async fn list(
    State(app): State<App>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    let Some(intent) = query.get("payment_intent") else {
        return Refusal::parameter("payment_intent", "Here this is needed.").into_response();
    };
    let refunds: Vec<Value> = app.bank().refunds(intent).iter().map(Refund::view).collect();
    Json(json!({ "object": "list", "url": "/v1/refunds", "has_more": false, "data": refunds }))
        .into_response()
}
