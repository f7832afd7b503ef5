//! What clients send.

use std::borrow::Cow;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::App;
use crate::decide::Submission;
use crate::error::ApiError;
use crate::state::Reference;

/// A JSON body, whatever its content type is called.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let limit = app.limits.body;
        let bytes = Bytes::from_request(request, app).await.map_err(|_| {
            let message = format!("the body could not be read, or is larger than {limit} bytes: raise --max-body-bytes");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, 413, message)
        })?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            let message = format!("the body is not the JSON that is expected here: {error}");
            ApiError::new(StatusCode::BAD_REQUEST, 400, message)
        })
    }
}

/// The query of a URL; what is not known is left alone.
pub(super) struct Options<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Options<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Query(options) = Query::<T>::from_request_parts(parts, app)
            .await
            .map_err(|error| ApiError::new(StatusCode::BAD_REQUEST, 400, error.body_text()))?;
        Ok(Self(options))
    }
}

/// Clients write flags as their language prints them: `true`, `True`.
pub(super) fn flag<'de, D: Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    Ok(Cow::<str>::deserialize(value)?.eq_ignore_ascii_case("true"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SchemaBody {
    schema: Option<String>,
    schema_type: Option<String>,
    references: Option<Vec<Reference>>,
    id: Option<i64>,
    version: Option<i64>,
    metadata: Option<Value>,
    rule_set: Option<Value>,
}

impl SchemaBody {
    pub(super) fn submission(self, app: &App) -> Result<Submission, ApiError> {
        if let Some(other) = self.schema_type.filter(|kind| !kind.eq_ignore_ascii_case("AVRO")) {
            return Err(ApiError::invalid_schema(format!(
                "schema type {other} is not supported: this registry keeps AVRO schemas"
            )));
        }
        if is_given(&self.metadata) || is_given(&self.rule_set) {
            return Err(ApiError::invalid_schema(
                "metadata and ruleSet are not supported: leave them out",
            ));
        }
        if self.id.is_some_and(|id| id > 0) || self.version.is_some_and(|version| version > 0) {
            return Err(ApiError::not_permitted(
                "ids and versions are given by the registry, since there is no import mode: leave them out",
            ));
        }
        let Some(text) = self.schema.filter(|text| !text.trim().is_empty()) else {
            return Err(ApiError::invalid_schema("Empty schema"));
        };
        Ok(Submission {
            text,
            references: self.references.unwrap_or_default(),
            max_nesting: app.limits.nesting,
        })
    }
}

fn is_given(value: &Option<Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::Object(object)) => object.values().any(|value| !value.is_null()),
        Some(_) => true,
    }
}
