use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Incompatibility, can_read};
use crate::avro::AvroSchema;

/// What a new version of a subject has to be compatible with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Level {
    /// Anything goes.
    None,
    /// The new version reads what the latest one wrote.
    Backward,
    /// The new version reads what every earlier one wrote.
    BackwardTransitive,
    /// The latest version reads what the new one writes.
    Forward,
    /// Every earlier version reads what the new one writes.
    ForwardTransitive,
    /// Both ways, with the latest version.
    Full,
    /// Both ways, with every earlier version.
    FullTransitive,
}

/// A name that is none of the seven levels.
#[derive(Debug, thiserror::Error)]
#[error(
    "unknown compatibility level `{0}`: use one of NONE, BACKWARD, BACKWARD_TRANSITIVE, FORWARD, FORWARD_TRANSITIVE, FULL, FULL_TRANSITIVE"
)]
pub struct UnknownLevel(String);

impl Level {
    /// All levels, in the order in which they are documented.
    pub const ALL: [Self; 7] = [
        Self::None,
        Self::Backward,
        Self::BackwardTransitive,
        Self::Forward,
        Self::ForwardTransitive,
        Self::Full,
        Self::FullTransitive,
    ];

    /// The name that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::Backward => "BACKWARD",
            Self::BackwardTransitive => "BACKWARD_TRANSITIVE",
            Self::Forward => "FORWARD",
            Self::ForwardTransitive => "FORWARD_TRANSITIVE",
            Self::Full => "FULL",
            Self::FullTransitive => "FULL_TRANSITIVE",
        }
    }

    /// Whether every earlier version counts, or the latest alone.
    pub fn is_transitive(self) -> bool {
        matches!(self, Self::BackwardTransitive | Self::ForwardTransitive | Self::FullTransitive)
    }

    /// What forbids `new` beside `old` at this level; empty when nothing does.
    pub fn check(self, new: &AvroSchema, old: &AvroSchema) -> Vec<Incompatibility> {
        let mut found = Vec::new();
        if !matches!(self, Self::None | Self::Forward | Self::ForwardTransitive) {
            found.extend(can_read(new, old));
        }
        if !matches!(self, Self::None | Self::Backward | Self::BackwardTransitive) {
            found.extend(can_read(old, new));
        }
        found
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|level| level.as_str().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownLevel(name.to_owned()))
    }
}
