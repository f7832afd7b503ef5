//! The registry in memory: a pure function of the log.

mod apply;
mod change;
mod mode;
mod query;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub(crate) use apply::Outcome;
pub(crate) use change::{Change, Content, Reference};
pub(crate) use mode::Mode;

use crate::compat::Level;

/// Everything the log says so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// How many proposals were applied.
    revision: u64,
    global: Settings,
    subjects: BTreeMap<String, Subject>,
    schemas: BTreeMap<u32, Schema>,
    ids: HashMap<Arc<Content>, u32>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    pub level: Option<Level>,
    pub mode: Option<Mode>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    settings: Settings,
    versions: BTreeMap<u32, Version>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub id: u32,
    pub deleted: bool,
}

/// An id is kept for its content for ever, also when no version has it any more: it is never given
/// to something else, and the same content gets it back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Schema {
    content: Arc<Content>,
    versions: BTreeSet<(String, u32)>,
}
