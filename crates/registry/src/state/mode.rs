use serde::{Deserialize, Serialize};

/// Whether a subject takes writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mode {
    /// It does.
    #[serde(rename = "READWRITE")]
    ReadWrite,
    /// It does not.
    #[serde(rename = "READONLY")]
    ReadOnly,
}

impl Mode {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_uppercase().as_str() {
            "READWRITE" => Some(Self::ReadWrite),
            "READONLY" => Some(Self::ReadOnly),
            _ => None,
        }
    }
}
