//! How answers look on the wire.

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::error::ApiError;
use crate::state::{Content, Reference, State, Version};

const MEDIA_TYPE: &str = "application/vnd.schemaregistry.v1+json";

/// A JSON body with the registry's media type.
pub(super) struct Answer<T>(pub T);

impl<T: Serialize> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, MEDIA_TYPE)], body).into_response(),
            Err(error) => ApiError::store(error.to_string()).into_response(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = json!({ "error_code": self.code, "message": self.message });
        let mut response = Answer(body).into_response();
        *response.status_mut() = self.status;
        response
    }
}

/// A schema's text as the whole body.
pub(super) struct Text(pub String);

impl IntoResponse for Text {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, MEDIA_TYPE)], self.0).into_response()
    }
}

pub(super) type Reply<T> = Result<Answer<T>, ApiError>;

/// One version of a subject.
#[derive(Serialize)]
pub(super) struct Described {
    subject: String,
    version: u32,
    id: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    pub(super) schema: String,
}

impl Described {
    pub(super) fn of(
        state: &State,
        subject: &str,
        version: u32,
        found: Version,
    ) -> Result<Self, ApiError> {
        let content = content(state, found.id)?;
        Ok(Self {
            subject: subject.to_owned(),
            version,
            id: found.id,
            references: content.references.clone(),
            schema: content.schema.clone(),
        })
    }
}

pub(super) fn content(state: &State, id: u32) -> Result<&Content, ApiError> {
    let content = state.content(id).ok_or_else(|| ApiError::id_not_found(id))?;
    Ok(content)
}
