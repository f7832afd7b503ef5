//! FULL_TRANSITIVE: every version reads every other, in both directions.
//!
//! The rules are the registry's own, so that what passes here is not refused there. Not
//! apache-avro's `SchemaCompatibility`: it takes two uses of one name for the same type whatever
//! the definitions say, and compares names without their namespace (a record moved to another
//! namespace would get another subject).

use std::collections::BTreeMap;
use std::fmt;

use registry::{AvroSchema, Incompatibility, Rule, can_read};
use serde::Serialize;
use serde_json::Value;

use super::files::Files;
use super::meaning;

/// JSON levels of a schema; more than any of the shop's.
const MAX_NESTING: usize = 100;

/// One thing that would break somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Break {
    /// The file in `avro/`.
    pub(super) file: String,
    /// The released version it breaks with.
    pub(super) version: String,
    /// The field, as a path into the record; empty for the record itself.
    pub(super) field: String,
    /// Who cannot read what, and why.
    pub(super) reason: String,
    /// What to do.
    pub(super) advice: String,
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, version, field, reason, advice } = self;
        let field = if field.is_empty() { "the record" } else { field };
        write!(f, "avro/{file}, {field}: {reason} (released in {version})\n    {advice}")
    }
}

/// What the current files break in the released ones.
pub(super) fn breaks(current: &Files, released: &BTreeMap<String, Files>) -> Vec<Break> {
    let pairs = released
        .iter()
        .flat_map(|(version, files)| files.iter().map(move |(file, text)| (version, file, text)));
    let mut found = Vec::new();
    for (version, file, old) in pairs {
        let at = |(field, reason, advice): (String, String, String)| Break {
            file: file.clone(),
            version: version.clone(),
            field,
            reason,
            advice,
        };
        match current.get(file) {
            Some(new) => found.extend(compare(new, old).into_iter().map(at)),
            None => found.push(at(whole(
                "the file is gone, and records of it are still on topics",
                "put the file back",
            ))),
        }
    }
    found
}

type Told = (String, String, String);

fn whole(reason: impl Into<String>, advice: &str) -> Told {
    (String::new(), reason.into(), advice.into())
}

fn compare(new: &str, old: &str) -> Vec<Told> {
    let (new_avro, old_avro) = match (parse(new), parse(old)) {
        (Ok(new), Ok(old)) => (new, old),
        (Err(why), _) => return vec![whole(why, "mend the file")],
        (_, Err(why)) => {
            return vec![whole(format!("the released file: {why}"), "restore the released file")];
        }
    };
    let (new, old) = (json(new), json(old));
    let names = (full_name(&new), full_name(&old));
    if names.0 != names.1 {
        let reason = format!("it was named {} and is now {}", names.1, names.0);
        return vec![whole(reason, "restore the name; a new name is a new file")];
    }
    let backward = can_read(&new_avro, &old_avro).into_iter().map(|i| tell(i, Direction::Backward));
    let forward = can_read(&old_avro, &new_avro).into_iter().map(|i| tell(i, Direction::Forward));
    let mut told: Vec<Told> = backward.chain(forward).collect();
    told.extend(meaning::changes(&new, &old));
    // A type that is used twice is told of twice.
    told.dedup();
    told
}

fn parse(text: &str) -> Result<AvroSchema, String> {
    AvroSchema::parse(text, &[] as &[&str], MAX_NESTING).map_err(|e| e.to_string())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn full_name(schema: &Value) -> String {
    let part = |key: &str| schema[key].as_str().unwrap_or_default();
    format!("{}.{}", part("namespace"), part("name"))
}

#[derive(Clone, Copy)]
enum Direction {
    /// The new version reads old records.
    Backward,
    /// The old version reads new records.
    Forward,
}

fn tell(found: Incompatibility, direction: Direction) -> Told {
    use Direction::{Backward, Forward};
    let advice = match (found.rule, direction) {
        (Rule::ReaderFieldMissingDefaultValue, Backward) => {
            "give the new field a default (for an optional one: [\"null\", T] and null)"
        }
        (Rule::ReaderFieldMissingDefaultValue, Forward) => {
            "put the field back: it was released without a default and has to stay"
        }
        (Rule::MissingEnumSymbols, Backward) => "put the symbol back; it may go unused",
        (Rule::MissingEnumSymbols, Forward) => {
            "the released enum has no default to read a new symbol as: add a new field instead"
        }
        (Rule::NameMismatch, _) => "restore the name of the type",
        (Rule::TooComplex, _) => "flatten the type",
        _ => "restore the type, and add a field of the new type with a default beside it",
    };
    let who = match direction {
        Backward => "records already written cannot be read",
        Forward => "programs already running cannot read new records",
    };
    let field = found.path.trim_start_matches('/').replace('/', ".");
    (field, format!("{who}: {}", found.detail), advice.into())
}

#[cfg(test)]
mod tests;
