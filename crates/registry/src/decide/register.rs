use super::{Decision, Defaults, against_all, check_writable};
use crate::avro::AvroSchema;
use crate::error::ApiError;
use crate::state::{Change, Content, Reference, State};

/// A schema as a client sends it.
#[derive(Clone, Debug)]
pub(crate) struct Submission {
    pub text: String,
    pub references: Vec<Reference>,
    pub max_nesting: usize,
}

impl Submission {
    pub(crate) fn parse(&self, state: &State) -> Result<(AvroSchema, Content), ApiError> {
        let referenced = state.referenced(&self.references).map_err(|lost| {
            ApiError::invalid_schema(format!(
                "the reference to version {} of subject '{}' leads nowhere: register it first",
                lost.version, lost.subject
            ))
        })?;
        let texts: Vec<&str> = referenced.iter().map(|content| content.schema.as_str()).collect();
        let schema = AvroSchema::parse(&self.text, &texts, self.max_nesting)
            .map_err(|error| ApiError::invalid_schema(error.to_string()))?;
        let content =
            Content { schema: schema.canonical().to_owned(), references: self.references.clone() };
        Ok((schema, content))
    }
}

/// Where a subject has a schema already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub id: u32,
    pub version: u32,
}

pub(crate) fn lookup(
    state: &State,
    subject: &str,
    submission: &Submission,
    deleted: bool,
) -> Result<Found, ApiError> {
    if state.versions(subject).all(|(_, version)| version.deleted && !deleted) {
        return Err(ApiError::subject_not_found(subject));
    }
    let (_, content) = submission.parse(state)?;
    find(state, subject, &content, deleted).ok_or_else(ApiError::schema_not_found)
}

fn find(state: &State, subject: &str, content: &Content, deleted: bool) -> Option<Found> {
    let id = state.known_id(content)?;
    let version = state.version_with(subject, id, deleted)?;
    Some(Found { id, version })
}

/// Registers a schema and answers with its id. What is there already is not registered again.
pub(crate) fn register(
    state: &State,
    subject: &str,
    submission: &Submission,
    defaults: Defaults,
) -> Result<Decision<u32>, ApiError> {
    let (schema, content) = submission.parse(state)?;
    if let Some(found) = find(state, subject, &content, false) {
        return Ok(Decision::Done(found.id));
    }
    check_writable(state, subject)?;
    let found = against_all(state, subject, &schema, defaults)?;
    if !found.is_empty() {
        return Err(ApiError::incompatible(format!(
            "Schema being registered is incompatible with an earlier schema for subject \"{subject}\", details: [{}]",
            found.join("; ")
        )));
    }
    let id = state.id_for(&content);
    let change = Change::Register {
        subject: subject.to_owned(),
        version: state.next_version(subject),
        id,
        content,
    };
    Ok(Decision::Propose(change, id))
}
