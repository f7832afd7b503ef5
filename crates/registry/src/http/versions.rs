use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Described, Reply, Text};
use super::body::{Body, Options, SchemaBody, flag};
use super::path::{Subject, SubjectVersion};
use super::subjects::DeleteOptions;
use crate::decide;
use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    #[serde(default, deserialize_with = "flag")]
    deleted: bool,
    #[serde(default, deserialize_with = "flag")]
    deleted_only: bool,
}

pub(super) async fn list(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(shown): Options<Shown>,
) -> Reply<Vec<u32>> {
    let found = app.store.read(move |state| {
        let is_shown =
            |deleted: bool| if shown.deleted_only { deleted } else { shown.deleted || !deleted };
        let versions = state.versions(&subject).filter(|(_, version)| is_shown(version.deleted));
        let numbers: Vec<u32> = versions.map(|(number, _)| number).collect();
        if numbers.is_empty() { Err(ApiError::subject_not_found(&subject)) } else { Ok(numbers) }
    });
    found.await.map(Answer)
}

#[derive(Serialize)]
pub(super) struct Registered {
    id: u32,
}

pub(super) async fn register(
    State(app): State<App>,
    Subject(subject): Subject,
    Body(body): Body<SchemaBody>,
) -> Reply<Registered> {
    let submission = body.submission(&app)?;
    let defaults = app.defaults;
    let decide = move |state: &_| decide::register(state, &subject, &submission, defaults);
    let id = app.store.write(decide).await?;
    Ok(Answer(Registered { id }))
}

async fn described(
    app: App,
    SubjectVersion(subject, version): SubjectVersion,
    shown: Shown,
) -> Result<Described, ApiError> {
    let found = app.store.read(move |state| {
        let (number, found) = version.find(state, &subject, shown.deleted)?;
        Described::of(state, &subject, number, found)
    });
    found.await
}

pub(super) async fn get(
    State(app): State<App>,
    path: SubjectVersion,
    Options(shown): Options<Shown>,
) -> Reply<Described> {
    described(app, path, shown).await.map(Answer)
}

pub(super) async fn text(
    State(app): State<App>,
    path: SubjectVersion,
    Options(shown): Options<Shown>,
) -> Result<Text, ApiError> {
    Ok(Text(described(app, path, shown).await?.schema))
}

pub(super) async fn referenced_by(
    State(app): State<App>,
    SubjectVersion(subject, version): SubjectVersion,
) -> Reply<Vec<u32>> {
    let found = app.store.read(move |state| {
        let (number, _) = version.find(state, &subject, true)?;
        let referrers = state.referrers(&subject, number).filter(|(_, deleted)| !deleted);
        Ok(referrers.map(|(id, _)| id).collect())
    });
    found.await.map(Answer)
}

pub(super) async fn delete(
    State(app): State<App>,
    SubjectVersion(subject, version): SubjectVersion,
    Options(options): Options<DeleteOptions>,
) -> Reply<u32> {
    let decide =
        move |state: &_| decide::delete_version(state, &subject, version, options.permanent);
    app.store.write(decide).await.map(Answer)
}
