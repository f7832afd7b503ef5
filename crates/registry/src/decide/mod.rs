//! What each request means for the state it meets: pure functions, so that a request that lost a
//! race is simply decided again.

mod compatibility;
mod delete;
mod register;
mod settings;
mod version;

#[cfg(test)]
mod tests;

pub(crate) use compatibility::{against_all, against_version};
pub(crate) use delete::{delete_subject, delete_version};
pub(crate) use register::{Submission, lookup, register};
pub(crate) use settings::{Defaults, level_of, mode_of, set_level, set_mode};
pub(crate) use version::VersionRef;

use crate::error::ApiError;
use crate::state::{Change, Mode, State};

/// What a write comes to on a given state.
#[derive(Debug, PartialEq)]
pub(crate) enum Decision<T> {
    /// Nothing has to change.
    Done(T),
    /// This change has to get into the log; the answer holds if it is applied.
    Propose(Change, T),
}

fn check_writable(state: &State, subject: &str) -> Result<(), ApiError> {
    match mode_of(state, Some(subject)) {
        Mode::ReadWrite => Ok(()),
        Mode::ReadOnly => {
            Err(ApiError::not_permitted(format!("Subject {subject} is in read-only mode")))
        }
    }
}
