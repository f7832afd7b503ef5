//! What the API says no with.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An error as Stripe's API has it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) error: Value,
    /// Whether a key remembers it: not where nothing was begun.
    pub(crate) kept: bool,
}

impl Refusal {
    fn new(status: StatusCode, error: Value, kept: bool) -> Self {
        Refusal { status, error, kept }
    }

    /// Parameters that are not what they must be; nothing was begun.
    pub(crate) fn parameter(name: &str, message: &str) -> Self {
        let error = json!({
            "type": "invalid_request_error", "code": "parameter_invalid", "param": name,
            "message": message,
        });
        Refusal::new(StatusCode::BAD_REQUEST, error, false)
    }

    /// Something that a parameter names, and that is not there.
    pub(crate) fn missing(parameter: &str, kind: &str, id: &str) -> Self {
        let error = json!({
            "type": "invalid_request_error", "code": "resource_missing", "param": parameter,
            "message": format!("No such {kind}: '{id}'"),
        });
        Refusal::new(StatusCode::BAD_REQUEST, error, true)
    }

    /// Something that the path names, and that is not there.
    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Refusal { status: StatusCode::NOT_FOUND, ..Refusal::missing("intent", kind, id) }
    }

    /// A method that has paid, and was for one use. As with Stripe there is neither code nor parameter.
    pub(crate) fn used_before() -> Self {
        let error = json!({
            "type": "invalid_request_error",
            "message": "The provided PaymentMethod was used before by another PaymentIntent. It may not be used again.",
        });
        Refusal::new(StatusCode::BAD_REQUEST, error, true)
    }

    /// What the present state does not allow.
    pub(crate) fn state(code: &str, message: String, intent: Option<Value>) -> Self {
        let error = json!({
            "type": "invalid_request_error", "code": code, "message": message,
            "payment_intent": intent,
        });
        Refusal::new(StatusCode::BAD_REQUEST, error, true)
    }

    /// A card that does not pay.
    pub(crate) fn declined(error: Value) -> Self {
        Refusal::new(StatusCode::PAYMENT_REQUIRED, error, true)
    }

    pub(crate) fn key_reused(key: &str) -> Self {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}'."
        );
        let error = json!({ "type": "idempotency_error", "message": message });
        Refusal::new(StatusCode::BAD_REQUEST, error, false)
    }

    pub(crate) fn key_in_use(key: &str) -> Self {
        let error = json!({
            "type": "idempotency_error", "code": "idempotency_key_in_use",
            "message": format!("There is another request in progress with the key '{key}'."),
        });
        Refusal::new(StatusCode::CONFLICT, error, false)
    }

    pub(crate) fn nobody() -> Self {
        let error = json!({
            "type": "invalid_request_error",
            "message": "You did not provide an API key: send Authorization: Bearer sk_…",
        });
        Refusal::new(StatusCode::UNAUTHORIZED, error, false)
    }

    pub(crate) fn body(&self) -> Value {
        json!({ "error": self.error })
    }
}
