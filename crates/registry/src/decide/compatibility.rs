use super::{Defaults, VersionRef, level_of};
use crate::avro::AvroSchema;
use crate::error::ApiError;
use crate::state::State;

/// Stored schemas were checked when they came in, maybe under a higher limit.
const STORED_NESTING: usize = 127;

/// What forbids `schema` as the next version of a subject, by the level that applies to it.
pub(crate) fn against_all(
    state: &State,
    subject: &str,
    schema: &AvroSchema,
    defaults: Defaults,
) -> Result<Vec<String>, ApiError> {
    let level = level_of(state, Some(subject), defaults);
    let count = if level.is_transitive() { usize::MAX } else { 1 };
    let mut found = Vec::new();
    for (number, version) in state.active(subject).rev().take(count) {
        let old = stored(state, version.id)?;
        let reasons = level.check(schema, &old);
        found.extend(reasons.iter().map(|reason| format!("{reason} (version {number})")));
        if !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The same for one version. A subject without any takes every schema.
pub(crate) fn against_version(
    state: &State,
    subject: &str,
    version: VersionRef,
    schema: &AvroSchema,
    defaults: Defaults,
) -> Result<Vec<String>, ApiError> {
    let (number, version) = match version.find(state, subject, false) {
        Ok(found) => found,
        Err(_) if version == VersionRef::Latest => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let old = stored(state, version.id)?;
    let reasons = level_of(state, Some(subject), defaults).check(schema, &old);
    Ok(reasons.iter().map(|reason| format!("{reason} (version {number})")).collect())
}

fn stored(state: &State, id: u32) -> Result<AvroSchema, ApiError> {
    let unreadable = |cause: String| {
        ApiError::store(format!(
            "the stored schema {id} cannot be read ({cause}): restore the topic"
        ))
    };
    let content = state.content(id).ok_or_else(|| unreadable("missing".into()))?;
    let referenced = state
        .referenced(&content.references)
        .map_err(|lost| unreadable(format!("its reference {} is gone", lost.name)))?;
    let texts: Vec<&str> = referenced.iter().map(|content| content.schema.as_str()).collect();
    AvroSchema::parse(&content.schema, &texts, STORED_NESTING)
        .map_err(|error| unreadable(error.to_string()))
}
