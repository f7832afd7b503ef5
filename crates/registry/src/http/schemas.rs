use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Described, Reply, Text, content};
use super::body::{Options, flag};
use super::path::Id;
use crate::error::ApiError;
use crate::state::{Reference, State as Registry};

pub(super) async fn types() -> Answer<[&'static str; 1]> {
    Answer(["AVRO"])
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListOptions {
    subject_prefix: String,
    #[serde(deserialize_with = "flag")]
    deleted: bool,
    #[serde(deserialize_with = "flag")]
    latest_only: bool,
    offset: usize,
    limit: i64,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self {
            subject_prefix: String::new(),
            deleted: false,
            latest_only: false,
            offset: 0,
            limit: -1,
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Options(options): Options<ListOptions>,
) -> Reply<Vec<Described>> {
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let found = app.store.read(move |state| {
        let subjects =
            state.subjects().filter(|subject| subject.starts_with(&options.subject_prefix));
        let versions = subjects.flat_map(|subject| {
            let shown =
                state.versions(subject).filter(|(_, version)| options.deleted || !version.deleted);
            let count = if options.latest_only { 1 } else { usize::MAX };
            let mut newest: Vec<_> = shown.rev().take(count).collect();
            newest.reverse();
            newest.into_iter().map(move |(number, version)| (subject, number, version))
        });
        let page = versions.skip(options.offset).take(limit);
        page.map(|(subject, number, version)| Described::of(state, subject, number, version))
            .collect()
    });
    found.await.map(Answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IdOptions {
    #[serde(default, deserialize_with = "flag")]
    fetch_max_id: bool,
    #[serde(default, deserialize_with = "flag")]
    deleted: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ById {
    schema: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_id: Option<u32>,
}

/// An id whose versions were all removed for good is gone for readers, though never given away.
fn check_used(state: &Registry, id: u32) -> Result<(), ApiError> {
    let used = state.uses(id).next().is_some();
    if used { Ok(()) } else { Err(ApiError::id_not_found(id)) }
}

async fn fetch(app: App, id: u32, fetch_max_id: bool) -> Result<ById, ApiError> {
    let found = app.store.read(move |state| {
        check_used(state, id)?;
        let content = content(state, id)?;
        Ok(ById {
            schema: content.schema.clone(),
            references: content.references.clone(),
            max_id: fetch_max_id.then(|| state.max_id()),
        })
    });
    found.await
}

pub(super) async fn by_id(
    State(app): State<App>,
    Id(id): Id,
    Options(options): Options<IdOptions>,
) -> Reply<ById> {
    fetch(app, id, options.fetch_max_id).await.map(Answer)
}

pub(super) async fn text_by_id(State(app): State<App>, Id(id): Id) -> Result<Text, ApiError> {
    Ok(Text(fetch(app, id, false).await?.schema))
}

#[derive(Serialize)]
pub(super) struct Use {
    subject: String,
    version: u32,
}

async fn uses(app: App, id: u32, options: IdOptions) -> Result<Vec<Use>, ApiError> {
    let found = app.store.read(move |state| {
        check_used(state, id)?;
        let shown = state.uses(id).filter(|(.., deleted)| options.deleted || !deleted);
        let uses = shown.map(|(subject, version, _)| Use { subject: subject.to_owned(), version });
        Ok(uses.collect())
    });
    found.await
}

pub(super) async fn versions(
    State(app): State<App>,
    Id(id): Id,
    Options(options): Options<IdOptions>,
) -> Reply<Vec<Use>> {
    uses(app, id, options).await.map(Answer)
}

pub(super) async fn subjects(
    State(app): State<App>,
    Id(id): Id,
    Options(options): Options<IdOptions>,
) -> Reply<Vec<String>> {
    let mut subjects: Vec<String> =
        uses(app, id, options).await?.into_iter().map(|found| found.subject).collect();
    subjects.dedup();
    Ok(Answer(subjects))
}
