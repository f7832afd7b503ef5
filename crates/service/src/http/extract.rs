//! Extractors whose refusals are problems.

use axum::body::Bytes;
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::problem::Problem;

/// A JSON body. A field that does not fit is named by its path.
pub struct Json<T>(pub T);

/// The parameter of the path. One that it cannot be is a 400 that names it.
pub struct Path<T>(pub T);

/// What may stand in a path.
pub trait InPath: DeserializeOwned + Send {
    /// What it must be, for whoever wrote something else.
    const MUST_BE: &'static str;
}

impl InPath for Uuid {
    const MUST_BE: &'static str = "must be a UUID, as in 019a3c52-7d1e-7b44-9c0f-5e2a8d6b1f37";
}

impl InPath for String {
    const MUST_BE: &'static str = "must be UTF-8";
}

/// The parameters of the query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

impl<T: InPath, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = axum::extract::Path::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Path(value)).map_err(refused::<T>)
    }
}

fn refused<T: InPath>(rejection: PathRejection) -> Problem {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Problem::internal(rejection);
    };
    match failed.into_kind() {
        ErrorKind::DeserializeError { key, .. } | ErrorKind::InvalidUtf8InPathParam { key } => {
            Problem::parameter(key, T::MUST_BE)
        }
        // The route has another number of parameters than one.
        other => Problem::internal(other),
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let kind = kind.and_then(|k| k.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                "Send the body as JSON, with `Content-Type: application/json`.",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|refused| {
            match refused.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too-large",
                    format!("The body is larger than {} bytes.", super::limits::BODY),
                ),
                _ => Problem::bad_request(refused.body_text()),
            }
        })?;
        read(&body).map(Json)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (path, error) = (error.path().to_string(), error.into_inner());
        match error.classify() {
            serde_json::error::Category::Data => Problem::field(path, without_place(&error)),
            _ => Problem::bad_request(format!("The body is not JSON: {error}.")),
        }
    })?;
    json.end().map_err(|e| Problem::bad_request(format!("The body is not JSON: {e}.")))?;
    Ok(value)
}

/// The path says where; line and column say nothing more to whoever wrote the field.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(what, _)| what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::routing::get;
    use serde::Deserialize;
    use serde_json::Value;
    use tower::ServiceExt;

    const BAD_REQUEST: &str = "urn:orderline:problem:bad-request";

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Cart {
        #[expect(dead_code, reason = "read by nobody, refused by the parser")]
        lines: Vec<Line>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[expect(dead_code, reason = "read by nobody, refused by the parser")]
        quantity: u32,
    }

    async fn answer(path: &str) -> (u16, Value) {
        let routes = Router::new()
            .route("/orders/{order_id}", get(async |Path(_): Path<Uuid>| "an order"))
            .route("/products/{sku}", get(async |Path(_): Path<String>| "a product"));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let answer = routes.oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    #[tokio::test]
    async fn a_parameter_that_the_path_cannot_have_is_named_with_what_it_must_be() {
        assert_eq!(answer(&format!("/orders/{}", Uuid::nil())).await.0, 200);
        assert_eq!(answer("/products/caf%C3%A9").await.0, 200);
        for (path, field, must_be) in [
            ("/orders/1", "order_id", "UUID"),
            ("/orders/not-a-uuid", "order_id", "UUID"),
            ("/orders/%00", "order_id", "UUID"),
            ("/orders/%ff", "order_id", "UUID"),
            ("/products/%ff", "sku", "UTF-8"),
        ] {
            let (status, problem) = answer(path).await;
            assert_eq!((status, &problem["type"]), (400, &BAD_REQUEST.into()), "{path}");
            assert_eq!(problem["errors"][0]["field"], field, "{path}");
            let said = problem["errors"][0]["problem"].as_str().unwrap();
            assert!(said.contains(must_be), "{path}: {said}");
        }
    }

    fn refused(body: &str) -> String {
        serde_json::to_string(&read::<Cart>(body.as_bytes()).unwrap_err()).unwrap()
    }

    #[test]
    fn a_field_that_does_not_fit_is_named_by_its_path() {
        assert!(refused(r#"{"lines":[{"quantity":-1}]}"#).contains("lines[0].quantity"));
        assert!(refused(r#"{"lines":[{"quantity":1,"price":0}]}"#).contains("lines[0].price"));
        assert!(refused(r#"{}"#).contains("missing field `lines`"));
    }

    #[test]
    fn what_is_no_json_is_a_bad_request() {
        for body in ["", "{", "{\"lines\":[]} x", "[[[["] {
            assert!(
                refused(body).contains("bad-request") || refused(body).contains("invalid type")
            );
        }
        assert!(refused(&"[".repeat(60_000)).contains("problem"));
    }
}
