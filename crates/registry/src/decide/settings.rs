use super::Decision;
use crate::compat::Level;
use crate::error::ApiError;
use crate::state::{Change, Mode, State};

/// What holds where nothing is set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub level: Level,
}

/// The level that applies to a subject, or to all that have none of their own.
pub(crate) fn level_of(state: &State, subject: Option<&str>, defaults: Defaults) -> Level {
    let own = subject.and_then(|subject| state.settings(Some(subject)).level);
    own.or(state.settings(None).level).unwrap_or(defaults.level)
}

/// The mode that applies to a subject, or to all that have none of their own.
pub(crate) fn mode_of(state: &State, subject: Option<&str>) -> Mode {
    let own = subject.and_then(|subject| state.settings(Some(subject)).mode);
    own.or(state.settings(None).mode).unwrap_or(Mode::ReadWrite)
}

/// Sets a level, or takes it away; answers with the level that was set before.
pub(crate) fn set_level(
    state: &State,
    subject: Option<&str>,
    level: Option<Level>,
) -> Result<Decision<Option<Level>>, ApiError> {
    if mode_of(state, subject) == Mode::ReadOnly {
        let what = subject.unwrap_or("*");
        return Err(ApiError::not_permitted(format!("Subject {what} is in read-only mode")));
    }
    let before = state.settings(subject).level;
    if before == level {
        return Ok(Decision::Done(before));
    }
    let subject = subject.map(str::to_owned);
    Ok(Decision::Propose(Change::SetCompatibility { subject, level }, before))
}

/// Sets a mode, or takes it away; answers with the mode that was set before.
pub(crate) fn set_mode(
    state: &State,
    subject: Option<&str>,
    mode: Option<Mode>,
) -> Result<Decision<Option<Mode>>, ApiError> {
    let before = state.settings(subject).mode;
    if before == mode {
        return Ok(Decision::Done(before));
    }
    let subject = subject.map(str::to_owned);
    Ok(Decision::Propose(Change::SetMode { subject, mode }, before))
}
