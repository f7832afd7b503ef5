use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::{post, put};

use super::*;

type Calls = Arc<Mutex<Vec<String>>>;

async fn config(State(calls): State<Calls>, Path(subject): Path<String>, body: String) -> String {
    calls.lock().unwrap().push(format!("config {subject}"));
    body
}

async fn version(State(calls): State<Calls>, Path(subject): Path<String>) -> impl IntoResponse {
    let mut calls = calls.lock().unwrap();
    calls.push(format!("version {subject}"));
    axum::Json(json!({ "id": calls.len() }))
}

async fn refuse() -> impl IntoResponse {
    (StatusCode::CONFLICT, axum::Json(json!({ "message": "READER_FIELD_MISSING" })))
}

async fn serve(app: Router) -> Register {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let schema_registry = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    Register { schema_registry, json: false }
}

#[tokio::test]
async fn a_subject_is_strict_before_its_first_version() {
    let calls = Calls::default();
    let app = Router::new()
        .route("/config/{subject}", put(config))
        .route("/subjects/{subject}/versions", post(version))
        .with_state(calls.clone());
    run(&serve(app).await).await.unwrap();
    let calls = calls.lock().unwrap();
    let expected = shop_events::all()
        .iter()
        .flat_map(|r| [format!("config {}", r.name), format!("version {}", r.name)]);
    assert_eq!(*calls, expected.collect::<Vec<_>>());
}

#[tokio::test]
async fn a_refused_schema_is_named_with_the_registrys_reason() {
    let app = Router::new()
        .route("/config/{subject}", put(refuse))
        .route("/subjects/{subject}/versions", post(refuse));
    let error = run(&serve(app).await).await.unwrap_err().to_string();
    assert!(error.contains("READER_FIELD_MISSING"), "{error}");
    assert!(error.contains("orderline.users.UserRegistered"), "{error}");
}

#[tokio::test]
async fn a_registry_that_is_still_starting_is_waited_for() {
    let calls = Calls::default();
    let starting = async |State(calls): State<Calls>, body: String| {
        let mut calls = calls.lock().unwrap();
        calls.push(String::new());
        match calls.len() {
            1 | 2 => (StatusCode::SERVICE_UNAVAILABLE, body),
            _ => (StatusCode::OK, body),
        }
    };
    let app = Router::new()
        .route("/config/{subject}", put(starting))
        .route("/subjects/{subject}/versions", post(version))
        .with_state(calls);
    run(&serve(app).await).await.unwrap();
}

#[tokio::test]
async fn a_registry_that_is_away_is_said_to_be_away() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let schema_registry = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = run(&Register { schema_registry, json: false }).await.unwrap_err().to_string();
    assert!(error.contains("--schema-registry"), "{error}");
}
