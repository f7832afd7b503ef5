use serde::{Deserialize, Serialize};

use super::Mode;
use crate::compat::Level;

/// The part of another subject that a schema builds on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Reference {
    /// The full name by which the schema uses it.
    pub name: String,
    /// Where it is registered.
    pub subject: String,
    /// Which version of it.
    pub version: u32,
}

/// What makes two schemas the same, and what an id stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Content {
    /// The canonical text.
    pub schema: String,
    /// In the order in which they were given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// One change of the registry, as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    Register {
        subject: String,
        version: u32,
        id: u32,
        #[serde(flatten)]
        content: Content,
    },
    DeleteVersion {
        subject: String,
        version: u32,
        permanent: bool,
    },
    DeleteSubject {
        subject: String,
        permanent: bool,
    },
    /// Without a subject it is the default of all; without a level the setting is taken away.
    SetCompatibility {
        subject: Option<String>,
        level: Option<Level>,
    },
    /// As for compatibility.
    SetMode {
        subject: Option<String>,
        mode: Option<Mode>,
    },
}
