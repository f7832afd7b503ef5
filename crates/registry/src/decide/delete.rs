use super::{Decision, VersionRef, check_writable};
use crate::error::ApiError;
use crate::state::{Change, State};

/// Deletes every version of a subject and answers with their numbers.
pub(crate) fn delete_subject(
    state: &State,
    subject: &str,
    permanent: bool,
) -> Result<Decision<Vec<u32>>, ApiError> {
    if state.versions(subject).next().is_none() {
        return Err(ApiError::subject_not_found(subject));
    }
    let is_active = state.active(subject).next().is_some();
    match (permanent, is_active) {
        (false, false) => return Err(ApiError::subject_soft_deleted(subject)),
        (true, true) => return Err(ApiError::subject_not_soft_deleted(subject)),
        _ => {}
    }
    check_writable(state, subject)?;
    let numbers: Vec<u32> = state
        .versions(subject)
        .filter(|(_, version)| version.deleted == permanent)
        .map(|(number, _)| number)
        .collect();
    for number in &numbers {
        check_unreferenced(state, subject, *number, permanent)?;
    }
    let change = Change::DeleteSubject { subject: subject.to_owned(), permanent };
    Ok(Decision::Propose(change, numbers))
}

/// Deletes one version and answers with its number.
pub(crate) fn delete_version(
    state: &State,
    subject: &str,
    version: VersionRef,
    permanent: bool,
) -> Result<Decision<u32>, ApiError> {
    let only_active = version == VersionRef::Latest && !permanent;
    let (number, version) = version.find(state, subject, !only_active)?;
    match (permanent, version.deleted) {
        (false, true) => return Err(ApiError::version_soft_deleted(subject, number)),
        (true, false) => return Err(ApiError::version_not_soft_deleted(subject, number)),
        _ => {}
    }
    check_writable(state, subject)?;
    check_unreferenced(state, subject, number, permanent)?;
    let subject = subject.to_owned();
    let change = Change::DeleteVersion { subject, version: number, permanent };
    Ok(Decision::Propose(change, number))
}

/// A version stays as long as a schema needs it to be read: a soft deletion waits for the active
/// ones, a permanent one for the softly deleted ones too, which can still be fetched by id.
fn check_unreferenced(
    state: &State,
    subject: &str,
    version: u32,
    permanent: bool,
) -> Result<(), ApiError> {
    let ids: Vec<u32> = state
        .referrers(subject, version)
        .filter(|(_, deleted)| permanent || !deleted)
        .map(|(id, _)| id)
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    Err(ApiError::reference_exists(subject, version, &ids))
}
