use crate::error::ApiError;
use crate::state::{State, Version};

/// A version as clients name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionRef {
    Latest,
    Number(u32),
}

impl VersionRef {
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        if text == "latest" || text == "-1" {
            return Ok(Self::Latest);
        }
        match text.parse::<i32>() {
            Ok(number) if number > 0 => Ok(Self::Number(number.unsigned_abs())),
            _ => Err(ApiError::invalid_version(text)),
        }
    }

    /// The version it stands for; softly deleted ones only when `deleted` asks for them.
    pub(crate) fn find(
        self,
        state: &State,
        subject: &str,
        deleted: bool,
    ) -> Result<(u32, Version), ApiError> {
        let mut seen =
            state.versions(subject).filter(|(_, version)| deleted || !version.deleted).peekable();
        if seen.peek().is_none() {
            return Err(ApiError::subject_not_found(subject));
        }
        match self {
            Self::Latest => seen.last().ok_or_else(|| ApiError::subject_not_found(subject)),
            Self::Number(number) => {
                seen.find(|(n, _)| *n == number).ok_or_else(|| ApiError::version_not_found(number))
            }
        }
    }
}
