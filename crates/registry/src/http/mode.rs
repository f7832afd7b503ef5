use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::App;
use super::answer::{Answer, Reply};
use super::body::{Body, Options};
use super::config::Inherit;
use super::path::Subject;
use crate::decide;
use crate::error::ApiError;
use crate::state::Mode;

#[derive(Deserialize)]
pub(super) struct Setting {
    mode: String,
}

#[derive(Serialize)]
pub(super) struct Current {
    mode: Mode,
}

pub(super) async fn get_global(State(app): State<App>) -> Reply<Current> {
    let mode = app.store.read(|state| Ok(decide::mode_of(state, None))).await?;
    Ok(Answer(Current { mode }))
}

pub(super) async fn get(
    State(app): State<App>,
    Subject(subject): Subject,
    Options(inherit): Options<Inherit>,
) -> Reply<Current> {
    let mode = app.store.read(move |state| match state.settings(Some(&subject)).mode {
        Some(mode) => Ok(mode),
        None if inherit.default_to_global => Ok(decide::mode_of(state, Some(&subject))),
        None => Err(ApiError::no_subject_mode(&subject)),
    });
    Ok(Answer(Current { mode: mode.await? }))
}

async fn change(app: App, subject: Option<String>, setting: Setting) -> Reply<Current> {
    let mode = Mode::parse(&setting.mode).ok_or_else(|| {
        ApiError::invalid_mode(format!(
            "mode `{}` is not supported: use READWRITE or READONLY",
            setting.mode
        ))
    })?;
    let decide = move |state: &_| decide::set_mode(state, subject.as_deref(), Some(mode));
    app.store.write(decide).await?;
    Ok(Answer(Current { mode }))
}

pub(super) async fn set_global(
    State(app): State<App>,
    Body(setting): Body<Setting>,
) -> Reply<Current> {
    change(app, None, setting).await
}

pub(super) async fn set(
    State(app): State<App>,
    Subject(subject): Subject,
    Body(setting): Body<Setting>,
) -> Reply<Current> {
    change(app, Some(subject), setting).await
}

pub(super) async fn reset(State(app): State<App>, Subject(subject): Subject) -> Reply<Current> {
    let name = subject.clone();
    let decide = move |state: &_| decide::set_mode(state, Some(&name), None);
    let before = app.store.write(decide).await?;
    let mode = before.ok_or_else(|| ApiError::no_subject_mode(&subject))?;
    Ok(Answer(Current { mode }))
}
