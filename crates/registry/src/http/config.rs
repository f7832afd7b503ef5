use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Reply};
use super::body::{Body, Options, flag};
use super::path::Subject;
use crate::compat::Level;
use crate::decide;
use crate::error::ApiError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Inherit {
    #[serde(default, deserialize_with = "flag")]
    pub(super) default_to_global: bool,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Setting {
    compatibility: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Current {
    compatibility_level: Level,
}

fn current(level: Level) -> Answer<Current> {
    Answer(Current { compatibility_level: level })
}

pub(super) async fn get_global(State(app): State<App>) -> Reply<Current> {
    let defaults = app.defaults;
    let level = app.store.read(move |state| Ok(decide::level_of(state, None, defaults)));
    level.await.map(current)
}

pub(super) async fn get(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(inherit): Options<Inherit>,
) -> Reply<Current> {
    let defaults = app.defaults;
    let level = app.store.read(move |state| match state.settings(Some(&subject)).level {
        Some(level) => Ok(level),
        None if inherit.default_to_global => Ok(decide::level_of(state, Some(&subject), defaults)),
        None => Err(ApiError::no_subject_compatibility(&subject)),
    });
    level.await.map(current)
}

async fn change(app: App, subject: Option<String>, setting: Setting) -> Reply<Setting> {
    let name = setting.compatibility.unwrap_or_default();
    let level: Level = name
        .parse()
        .map_err(|error: crate::compat::UnknownLevel| ApiError::invalid_level(error.to_string()))?;
    let decide = move |state: &_| decide::set_level(state, subject.as_deref(), Some(level));
    app.store.write(decide).await?;
    Ok(Answer(Setting { compatibility: Some(level.to_string()) }))
}

pub(super) async fn set_global(
    State(app): State<App>,
    Body(setting): Body<Setting>,
) -> Reply<Setting> {
    change(app, None, setting).await
}

pub(super) async fn set(
    State(app): State<App>,
    Subject(subject): Subject,
    Body(setting): Body<Setting>,
) -> Reply<Setting> {
    change(app, Some(subject), setting).await
}

pub(super) async fn reset_global(State(app): State<App>) -> Reply<Current> {
    let defaults = app.defaults;
    let before = app.store.write(move |state| decide::set_level(state, None, None)).await?;
    Ok(current(before.unwrap_or(defaults.level)))
}

pub(super) async fn reset(State(app): State<App>, Subject(subject): Subject) -> Reply<Current> {
    let name = subject.clone();
    let decide = move |state: &_| decide::set_level(state, Some(&name), None);
    let before = app.store.write(decide).await?;
    before.map(current).ok_or_else(|| ApiError::no_subject_compatibility(&subject))
}
