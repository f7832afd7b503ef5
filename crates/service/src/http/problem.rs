//! The one error that HTTP answers with, as RFC 9457 has it.

use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pipeline::{EncodeError, Failure};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Seconds after which a client may try again when something is away.
const RETRY_AFTER: u32 = 5;

/// What went wrong, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What kind of problem: `urn:orderline:problem:` and a word.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: &'static str,
    /// The status code.
    status: u16,
    /// What happened, and what to do.
    #[schema(value_type = String)]
    detail: Box<str>,
    /// Each field that was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// What a kind of problem tells besides.
    #[serde(flatten)]
    #[schema(ignore)]
    besides: Option<Box<Map<String, Value>>>,
    #[serde(skip)]
    retry_after: Option<u32>,
    #[serde(skip)]
    challenge: Option<&'static str>,
}

/// A field that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Its path: `lines[0].quantity`, or a header's or a parameter's name.
    pub field: String,
    /// What is wrong, and what it may be.
    pub problem: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        FieldError { field: field.into(), problem: problem.into() }
    }
}

impl Problem {
    /// A problem of its own kind, a word with dashes.
    pub fn new(status: StatusCode, kind: &str, detail: impl Into<String>) -> Self {
        Problem {
            kind: format!("urn:orderline:problem:{kind}"),
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into().into(),
            errors: Vec::new(),
            besides: None,
            retry_after: None,
            challenge: None,
        }
    }

    /// Fields that are not what they must be.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = "Some fields are not what they must be; `errors` says which.";
        let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid-fields", detail);
        Problem { errors, ..problem }
    }

    /// One field that is not what it must be.
    pub fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Problem::fields(vec![FieldError::new(field, problem)])
    }

    /// A request that cannot be read.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    /// A parameter of the path that is not what it must be.
    pub fn parameter(name: impl Into<String>, problem: impl Into<String>) -> Self {
        let detail = "The path is not what it must be; `errors` says where.";
        Problem { errors: vec![FieldError::new(name, problem)], ..Problem::bad_request(detail) }
    }

    /// A thing that is not there.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// A request that the present state does not allow.
    pub fn conflict(kind: &str, detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::CONFLICT, kind, detail)
    }

    /// Something is away or too busy; the same request may be sent again.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail);
        Problem { retry_after: Some(RETRY_AFTER), ..problem }
    }

    /// Somebody who is not known, or not as who they say they are: of a kind of its own, a word with
    /// dashes.
    pub fn unauthorized(kind: &str, detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::UNAUTHORIZED, kind, detail).challenge("Bearer")
    }

    /// Something that this caller may not do.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Problem::new(StatusCode::FORBIDDEN, "not-allowed", detail)
    }

    /// Something that was done too often; again in so many seconds.
    pub fn too_many(seconds: u32) -> Self {
        let detail = format!("That was too often. Send the same request again in {seconds} s.");
        let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", detail);
        Problem { retry_after: Some(seconds), ..problem }
    }

    /// Tells this besides, as a member of its own.
    pub fn with(mut self, member: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_default();
        self.besides.get_or_insert_default().insert(member.to_owned(), value);
        self
    }

    /// Says how to sign in, in `WWW-Authenticate`.
    pub(crate) fn challenge(self, how: &'static str) -> Self {
        Problem { challenge: Some(how), ..self }
    }

    /// A fault of ours: the cause is for the log alone.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "a request failed");
        let detail = "The fault is on this side, and is in the service's log.";
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", detail)
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status(), axum::Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(how) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(how));
        }
        response
    }
}

/// A database that cannot be reached is said so; any other error of it is a fault of ours.
impl From<sqlx::Error> for Problem {
    fn from(error: sqlx::Error) -> Self {
        match Failure::from(error) {
            Failure::Unavailable(why) => {
                tracing::warn!(failure.reason = %why, "a request was refused: something is away");
                Problem::unavailable(
                    "The database cannot be reached. Send the same request again later.",
                )
            }
            other => Problem::internal(other),
        }
    }
}

impl From<EncodeError> for Problem {
    fn from(error: EncodeError) -> Self {
        Problem::internal(error)
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::bad_request(rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unreachable_database_is_a_503_that_says_when_to_come_again() {
        let response = Problem::from(sqlx::Error::PoolTimedOut).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    }

    #[test]
    fn what_is_inside_stays_inside() {
        let problem = Problem::from(sqlx::Error::Protocol("table secret_things".into()));
        assert_eq!(problem.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(!serde_json::to_string(&problem).unwrap().contains("secret"));
    }
}
