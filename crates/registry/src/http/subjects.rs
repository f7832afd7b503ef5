use axum::extract::State;
use serde::Deserialize;

use super::App;
use super::answer::{Answer, Described, Reply};
use super::body::{Body, Options, SchemaBody, flag};
use super::path::Subject;
use crate::decide;
use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct ListOptions {
    subject_prefix: String,
    #[serde(deserialize_with = "flag")]
    deleted: bool,
    #[serde(deserialize_with = "flag")]
    deleted_only: bool,
    offset: usize,
    limit: i64,
}

impl Default for ListOptions {
    fn default() -> Self {
        Self {
            subject_prefix: String::new(),
            deleted: false,
            deleted_only: false,
            offset: 0,
            limit: -1,
        }
    }
}

pub(super) async fn list(
    State(app): State<App>,
    Options(options): Options<ListOptions>,
) -> Reply<Vec<String>> {
    let limit = usize::try_from(options.limit).unwrap_or(usize::MAX);
    let found = app.store.read(move |state| {
        let is_wanted = |subject: &&str| {
            let active = state.active(subject).next().is_some();
            let deleted = !active && state.versions(subject).next().is_some();
            let shown =
                if options.deleted_only { deleted } else { active || (options.deleted && deleted) };
            shown && subject.starts_with(&options.subject_prefix)
        };
        let subjects = state.subjects().filter(is_wanted).skip(options.offset).take(limit);
        Ok(subjects.map(str::to_owned).collect())
    });
    found.await.map(Answer)
}

#[derive(Deserialize)]
pub(super) struct LookupOptions {
    #[serde(default, deserialize_with = "flag")]
    deleted: bool,
}

pub(super) async fn lookup(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(options): Options<LookupOptions>,
    Body(body): Body<SchemaBody>,
) -> Reply<Described> {
    let submission = body.submission(&app)?;
    let found = app.store.read(move |state| {
        let found = decide::lookup(state, &subject, &submission, options.deleted)?;
        let version =
            state.version(&subject, found.version).ok_or_else(ApiError::schema_not_found)?;
        Described::of(state, &subject, found.version, version)
    });
    found.await.map(Answer)
}

#[derive(Deserialize)]
pub(super) struct DeleteOptions {
    #[serde(default, deserialize_with = "flag")]
    pub(super) permanent: bool,
}

pub(super) async fn delete(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(options): Options<DeleteOptions>,
) -> Reply<Vec<u32>> {
    let decide = move |state: &_| decide::delete_subject(state, &subject, options.permanent);
    app.store.write(decide).await.map(Answer)
}
