//! Changes that Avro's rules allow, because every byte can still be read, and that would make
//! readers of different versions understand the same record differently: a default, and a logical
//! type (milli- for microseconds).

use std::collections::BTreeMap;

use serde_json::Value;

/// Field, reason and advice of each such change.
pub(super) fn changes(new: &Value, old: &Value) -> Vec<(String, String, String)> {
    let (mut now, mut before) = (Facts::new(), Facts::new());
    note(new, "", &mut now);
    note(old, "", &mut before);
    let both = now.into_iter().filter_map(|(key, to)| Some((before.remove(&key)?, key, to)));
    both.filter(|(from, _, to)| from != to)
        .map(|(from, (field, what), to)| {
            let reason = format!("{what} was {from} and is now {to}: readers would disagree");
            (field, reason, "put it back; for another meaning add a new field".into())
        })
        .collect()
}

/// What is true of a field, by its path and in words.
type Facts = BTreeMap<(String, String), Value>;

fn note(schema: &Value, path: &str, facts: &mut Facts) {
    let inside = |step: &str| {
        if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
    };
    if let Some(branches) = schema.as_array() {
        return branches.iter().for_each(|branch| note(branch, path, facts));
    }
    let kind = schema.as_str().or_else(|| schema["type"].as_str());
    match kind {
        Some("record") => {
            for field in schema["fields"].as_array().into_iter().flatten() {
                let path = inside(field["name"].as_str().unwrap_or_default());
                if let Some(default) = field.get("default") {
                    facts.insert((path.clone(), "the default".into()), default.clone());
                }
                note(&field["type"], &path, facts);
            }
        }
        Some("array") => note(&schema["items"], &inside("items"), facts),
        Some("map") => note(&schema["values"], &inside("values"), facts),
        Some("enum") => {
            if let Some(default) = schema.get("default") {
                facts.insert((path.into(), "the default symbol".into()), default.clone());
            }
        }
        Some(kind) => {
            let logical = schema.get("logicalType").cloned().unwrap_or_default();
            facts.insert((path.into(), format!("the logical type of the {kind}")), logical);
        }
        None => note(&schema["type"], path, facts),
    }
}
