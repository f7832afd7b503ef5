use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Reply};
use super::body::{Body, Options, SchemaBody, flag};
use super::path::{Subject, SubjectVersion};
use crate::decide;

#[derive(Deserialize)]
pub(super) struct CheckOptions {
    #[serde(default, deserialize_with = "flag")]
    verbose: bool,
}

#[derive(Serialize)]
pub(super) struct Verdict {
    is_compatible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<String>>,
}

impl Verdict {
    fn of(found: Vec<String>, options: CheckOptions) -> Self {
        Self { is_compatible: found.is_empty(), messages: options.verbose.then_some(found) }
    }
}

pub(super) async fn one(
    State(app): State<App>,
    SubjectVersion(subject, version): SubjectVersion,
    Options(options): Options<CheckOptions>,
    Body(body): Body<SchemaBody>,
) -> Reply<Verdict> {
    let submission = body.submission(&app)?;
    let defaults = app.defaults;
    let found = app.store.read(move |state| {
        let (schema, _) = submission.parse(state)?;
        decide::against_version(state, &subject, version, &schema, defaults)
    });
    Ok(Answer(Verdict::of(found.await?, options)))
}

pub(super) async fn all(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(options): Options<CheckOptions>,
    Body(body): Body<SchemaBody>,
) -> Reply<Verdict> {
    let submission = body.submission(&app)?;
    let defaults = app.defaults;
    let found = app.store.read(move |state| {
        let (schema, _) = submission.parse(state)?;
        decide::against_all(state, &subject, &schema, defaults)
    });
    Ok(Answer(Verdict::of(found.await?, options)))
}
