use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::form::Form;
use super::keyed::Keyed;
use super::{App, lost};
use crate::bank::{Behaviour, Method, NewIntent, Refusal};

pub(super) async fn create(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Response {
    match Keyed::begin(&app, &headers, "/v1/payment_intents", &body) {
        Ok(keyed) => keyed.run(|bank| Ok(bank.create(wanted(&body)?)?.view())),
        Err(answer) => *answer,
    }
}

fn wanted(body: &[u8]) -> Result<NewIntent, Refusal> {
    let mut form = Form::read(body);
    let amount = form.number("amount")?.unwrap_or_default();
    if amount < 1 {
        return Err(Refusal::parameter("amount", "This value must be greater than or equal to 1."));
    }
    let currency = form.text("currency")?;
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_lowercase()) {
        return Err(Refusal::parameter("currency", &format!("Invalid currency: {currency}.")));
    }
    let method = Method::named(&form.text("payment_method")?)?;
    let metadata = form.metadata();
    form.end(&[
        "automatic_payment_methods[enabled]",
        "automatic_payment_methods[allow_redirects]",
        "description",
    ])?;
    Ok(NewIntent { amount, currency, method, metadata })
}

pub(super) async fn retrieve(State(app): State<App>, Path(id): Path<String>) -> Response {
    match app.bank().intent(&id) {
        Ok(intent) => Json(intent.view()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

pub(super) async fn confirm(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/payment_intents/{id}/confirm");
    let keyed = match Keyed::begin(&app, &headers, &path, &body) {
        Ok(keyed) => keyed,
        Err(answer) => return *answer,
    };
    let known = app.bank().intent(&id).ok();
    let behaviour = known.as_ref().map_or(Behaviour::Pays, |i| i.method.behaviour());
    let first = known.is_some_and(|intent| intent.confirmed == 0);
    match behaviour {
        Behaviour::Slow => tokio::time::sleep(app.slow).await,
        Behaviour::TimesOut if first => {
            app.bank().never_answered(&id);
            std::future::pending::<()>().await;
        }
        _ => {}
    }
    let answer = keyed.run(|bank| {
        Form::read(&body).end(&["off_session", "error_on_requires_action"])?;
        Ok(bank.confirm(&id)?.view())
    });
    if behaviour == Behaviour::LosesAnswer && first { lost() } else { answer }
}

pub(super) async fn cancel(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = format!("/v1/payment_intents/{id}/cancel");
    match Keyed::begin(&app, &headers, &path, &body) {
        Ok(keyed) => keyed.run(|bank| {
            Form::read(&body).end(&["cancellation_reason"])?;
            Ok(bank.cancel(&id)?.view())
        }),
        Err(answer) => *answer,
    }
}
