//! Extractors whose refusals are problems.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// A JSON body. A field that does not fit is named by its path.
pub struct Json<T>(pub T);

/// The parameters of the path.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

/// The parameters of the query.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

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
    use serde::Deserialize;

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
