//! What a client is told when it does not get what it asked for: Confluent's codes and, where
//! clients are known to look at them, Confluent's words.

use axum::http::StatusCode;

/// An answer that is an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (error {code})")]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub code: u32,
    pub message: String,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { status, code, message }
    }

    fn not_found(code: u32, message: String) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    fn refused(code: u32, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    pub(crate) fn subject_not_found(subject: &str) -> Self {
        Self::not_found(40401, format!("Subject '{subject}' not found."))
    }

    pub(crate) fn version_not_found(version: impl std::fmt::Display) -> Self {
        Self::not_found(40402, format!("Version {version} not found."))
    }

    pub(crate) fn schema_not_found() -> Self {
        Self::not_found(40403, "Schema not found".into())
    }

    pub(crate) fn id_not_found(id: u32) -> Self {
        Self::not_found(40403, format!("Schema {id} not found"))
    }

    pub(crate) fn subject_soft_deleted(subject: &str) -> Self {
        let message = format!(
            "Subject '{subject}' was soft deleted. Set permanent=true to delete permanently"
        );
        Self::not_found(40404, message)
    }

    pub(crate) fn subject_not_soft_deleted(subject: &str) -> Self {
        let message =
            format!("Subject '{subject}' was not deleted first before being permanently deleted");
        Self::not_found(40405, message)
    }

    pub(crate) fn version_soft_deleted(subject: &str, version: u32) -> Self {
        let message = format!(
            "Subject '{subject}' Version {version} was soft deleted. Set permanent=true to delete permanently"
        );
        Self::not_found(40406, message)
    }

    pub(crate) fn version_not_soft_deleted(subject: &str, version: u32) -> Self {
        let message = format!(
            "Subject '{subject}' Version {version} was not deleted first before being permanently deleted"
        );
        Self::not_found(40407, message)
    }

    pub(crate) fn no_subject_compatibility(subject: &str) -> Self {
        let message =
            format!("Subject '{subject}' does not have subject-level compatibility configured");
        Self::not_found(40408, message)
    }

    pub(crate) fn no_subject_mode(subject: &str) -> Self {
        let message = format!("Subject '{subject}' does not have subject-level mode configured");
        Self::not_found(40409, message)
    }

    pub(crate) fn incompatible(message: String) -> Self {
        Self::new(StatusCode::CONFLICT, 409, message)
    }

    pub(crate) fn invalid_schema(message: impl Into<String>) -> Self {
        Self::refused(42201, message)
    }

    pub(crate) fn invalid_version(version: &str) -> Self {
        let message = format!(
            "The specified version '{version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\""
        );
        Self::refused(42202, message)
    }

    pub(crate) fn invalid_level(message: impl Into<String>) -> Self {
        Self::refused(42203, message)
    }

    pub(crate) fn invalid_mode(message: impl Into<String>) -> Self {
        Self::refused(42204, message)
    }

    pub(crate) fn not_permitted(message: impl Into<String>) -> Self {
        Self::refused(42205, message)
    }

    pub(crate) fn reference_exists(subject: &str, version: u32, ids: &[u32]) -> Self {
        let message = format!(
            "One or more references exist to the schema {{subject={subject},version={version}}}: delete the versions with ids {ids:?} first"
        );
        Self::refused(42206, message)
    }

    pub(crate) fn invalid_subject(message: impl Into<String>) -> Self {
        Self::refused(42208, message)
    }

    pub(crate) fn store(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 50001, message)
    }

    pub(crate) fn timed_out(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, 50002, message)
    }
}
