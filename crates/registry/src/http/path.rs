use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

use super::App;
use crate::decide::VersionRef;
use crate::error::ApiError;

/// The subject that a URL names.
pub(super) struct Subject(pub String);

/// The subject and version that a URL names.
pub(super) struct SubjectVersion(pub String, pub VersionRef);

/// The schema id that a URL names.
pub(super) struct Id(pub u32);

impl FromRequestParts<App> for Subject {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        check(from_path(parts, app).await?, app).map(Self)
    }
}

impl FromRequestParts<App> for SubjectVersion {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let (subject, version): (String, String) = from_path(parts, app).await?;
        Ok(Self(check(subject, app)?, VersionRef::parse(&version)?))
    }
}

impl FromRequestParts<App> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let id: String = from_path(parts, app).await?;
        id.parse().map(Self).map_err(|_| ApiError::schema_not_found())
    }
}

async fn from_path<T>(parts: &mut Parts, app: &App) -> Result<T, ApiError>
where
    T: serde::de::DeserializeOwned + Send,
{
    let path = Path::<T>::from_request_parts(parts, app).await;
    path.map(|Path(found)| found).map_err(|error| ApiError::invalid_subject(error.body_text()))
}

fn check(subject: String, app: &App) -> Result<String, ApiError> {
    let max = app.limits.subject;
    if subject.is_empty() || subject.len() > max || subject.chars().any(char::is_control) {
        let message = format!("a subject has 1 to {max} bytes and no control characters");
        return Err(ApiError::invalid_subject(message));
    }
    Ok(subject)
}
