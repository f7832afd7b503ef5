//! What one record of the topic says.

use serde::{Deserialize, Serialize};

use crate::state::Change;

/// The layout of keys and values below; a registry that meets a higher number stops rather than
/// misread it.
pub(crate) const FORMAT: u32 = 1;

/// No two proposals share a key, so that compaction never removes one: a later loser can then
/// never look like the winner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    /// The layout of this record.
    pub format: u32,
    /// The revision that the state has once this proposal is applied.
    pub revision: u64,
    /// Who proposed it.
    pub nonce: String,
}

/// A change, and the one state on which it was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Proposal {
    pub key: Key,
    pub change: Change,
}

/// What a record turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Proposal(Proposal),
    /// Not written by a registry: left alone, the same by every instance.
    Foreign,
}

/// A record that no instance of this build may pass over.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Unreadable {
    /// Written by a later release.
    #[error("it has format {0}, this build knows formats up to 1: upgrade this instance")]
    Newer(u32),
    /// Written by a registry that keeps its state in another way.
    #[error(
        "it was written by another kind of schema registry: give this one a topic of its own with --topic"
    )]
    OtherRegistry,
    /// The key is ours, the value is not.
    #[error("its value cannot be read ({0}): restore the topic, or give an empty one with --topic")]
    Broken(String),
}

impl Proposal {
    pub(crate) fn encode(&self) -> (Vec<u8>, Vec<u8>) {
        let json = "a proposal is always JSON";
        let key = serde_json::to_vec(&self.key).expect(json);
        (key, serde_json::to_vec(&self.change).expect(json))
    }
}

impl Record {
    pub(crate) fn decode(key: Option<&[u8]>, value: Option<&[u8]>) -> Result<Self, Unreadable> {
        let Some(Ok(fields)) = key.map(serde_json::from_slice::<serde_json::Value>) else {
            return Ok(Self::Foreign);
        };
        if fields.get("keytype").is_some() {
            return Err(Unreadable::OtherRegistry);
        }
        match fields.get("format").and_then(serde_json::Value::as_u64) {
            None => return Ok(Self::Foreign),
            Some(format) if format > u64::from(FORMAT) => {
                return Err(Unreadable::Newer(u32::try_from(format).unwrap_or(u32::MAX)));
            }
            Some(_) => {}
        }
        let (Ok(key), Some(value)) = (serde_json::from_value::<Key>(fields), value) else {
            return Ok(Self::Foreign);
        };
        let change =
            serde_json::from_slice(value).map_err(|e| Unreadable::Broken(e.to_string()))?;
        Ok(Self::Proposal(Proposal { key, change }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposal_is_read_back_as_it_was_written() {
        let key = Key { format: FORMAT, revision: 7, nonce: "n".into() };
        let change = Change::DeleteSubject { subject: "s".into(), permanent: true };
        let proposal = Proposal { key, change };
        let (key, value) = proposal.encode();
        assert_eq!(Record::decode(Some(&key), Some(&value)), Ok(Record::Proposal(proposal)));
    }

    #[test]
    fn stray_records_are_left_alone() {
        for key in [None, Some("x"), Some("{}"), Some("7"), Some(r#"{"format":"1"}"#)] {
            assert_eq!(Record::decode(key.map(str::as_bytes), Some(b"v")), Ok(Record::Foreign));
        }
    }

    #[test]
    fn what_would_be_misread_stops_the_registry() {
        let newer = br#"{"format":2,"revision":1,"nonce":"n"}"#;
        assert_eq!(Record::decode(Some(newer), Some(b"{}")), Err(Unreadable::Newer(2)));
        let other = br#"{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}"#;
        assert_eq!(Record::decode(Some(other), Some(b"{}")), Err(Unreadable::OtherRegistry));
        let ours = br#"{"format":1,"revision":1,"nonce":"n"}"#;
        assert!(matches!(Record::decode(Some(ours), Some(b"{}")), Err(Unreadable::Broken(_))));
    }
}
