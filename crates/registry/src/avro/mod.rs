//! Avro schemas as the registry sees them: checked, and in one canonical text.

mod canonical;
mod names;

use std::collections::BTreeSet;

use apache_avro::Schema as Tree;
use serde_json::Value;

pub(crate) use names::Names;

/// A schema that has been checked, together with the schemas it refers to.
#[derive(Debug)]
pub struct AvroSchema {
    canonical: String,
    root: Tree,
    referenced: Vec<Tree>,
}

/// Why a schema cannot be taken; the text is shown to the client.
#[derive(Debug, thiserror::Error)]
pub enum InvalidSchema {
    /// Not JSON, or not a schema by the Avro specification.
    #[error("the schema is not valid Avro: {0}")]
    NotAvro(String),
    /// Nested further than the registry is set to accept.
    #[error(
        "the schema is nested more than {0} JSON levels deep: flatten it by naming its inner types"
    )]
    TooDeep(usize),
}

impl AvroSchema {
    /// Checks `text`; `referenced` are the texts of every schema it refers to, directly or not.
    pub fn parse(
        text: &str,
        referenced: &[impl AsRef<str>],
        max_nesting: usize,
    ) -> Result<Self, InvalidSchema> {
        let json = read_json(text)?;
        if nesting(&json) > max_nesting {
            return Err(InvalidSchema::TooDeep(max_nesting));
        }
        let distinct: BTreeSet<&str> = referenced.iter().map(AsRef::as_ref).collect();
        let (root, referenced) = if distinct.is_empty() {
            (Tree::parse(&json).map_err(not_avro)?, Vec::new())
        } else {
            Tree::parse_str_with_list(text, distinct).map_err(not_avro)?
        };
        Ok(Self { canonical: canonical::text(&json), root, referenced })
    }

    /// The text by which two schemas are the same: white space, the order of attributes and the
    /// way a name is qualified do not count; documentation, defaults and properties do.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    pub(crate) fn root(&self) -> &Tree {
        &self.root
    }

    pub(crate) fn names(&self) -> Names<'_> {
        Names::collect(self.referenced.iter().chain([&self.root]))
    }
}

/// A bare type name such as `string` is accepted beside its JSON form, as other registries do.
fn read_json(text: &str) -> Result<Value, InvalidSchema> {
    let bare = text.trim();
    let is_word = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_lowercase());
    if is_word && bare != "null" {
        return Ok(Value::String(bare.to_owned()));
    }
    match serde_json::from_str(text) {
        Ok(Value::Null) if bare == "null" => Ok(Value::String(bare.to_owned())),
        Ok(json) => Ok(json),
        Err(error) => Err(InvalidSchema::NotAvro(error.to_string())),
    }
}

fn not_avro(error: apache_avro::Error) -> InvalidSchema {
    let mut text = error.to_string();
    if text.len() > 500 {
        let end = (0..=500).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    InvalidSchema::NotAvro(text)
}

fn nesting(json: &Value) -> usize {
    match json {
        Value::Array(items) => 1 + items.iter().map(nesting).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(nesting).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<AvroSchema, InvalidSchema> {
        AvroSchema::parse(text, &[] as &[&str], 40)
    }

    #[test]
    fn a_bare_type_name_is_a_schema() {
        for text in ["string", "\"string\"", r#"{"type":"string"}"#] {
            assert_eq!(parse(text).unwrap().canonical(), "\"string\"");
        }
        assert_eq!(parse("null").unwrap().canonical(), "\"null\"");
    }

    #[test]
    fn what_is_not_avro_is_refused() {
        let bad = [
            "",
            "{",
            "42",
            "strin",
            r#"{"type":"record","name":"A"}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a"}]}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":"nope"}]}"#,
            r#"{"type":"record","name":"A-b","fields":[]}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int","default":"x"}]}"#,
            r#"{"type":"enum","name":"E","symbols":["A","A"]}"#,
            r#"{"type":"enum","name":"E","symbols":["A"],"default":"B"}"#,
            r#"["int","int"]"#,
            r#"["int",["string"]]"#,
            r#"{"type":"array"}"#,
            r#"{"type":"fixed","name":"F"}"#,
        ];
        for text in bad {
            assert!(parse(text).is_err(), "accepted {text}");
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        let mut text = "\"int\"".to_owned();
        for _ in 0..60 {
            text = format!(r#"{{"type":"array","items":{text}}}"#);
        }
        assert!(matches!(parse(&text), Err(InvalidSchema::TooDeep(40))));
        for _ in 0..5_000 {
            text = format!("[{text}]");
        }
        assert!(parse(&text).is_err());
    }

    #[test]
    fn a_reference_gives_the_names_it_defines() {
        let item = r#"{"type":"record","name":"Item","namespace":"shop","fields":[{"name":"sku","type":"string"}]}"#;
        let order = r#"{"type":"record","name":"Order","namespace":"shop","fields":[{"name":"item","type":"shop.Item"}]}"#;
        assert!(parse(order).is_err());
        let parsed = AvroSchema::parse(order, &[item, item], 40).unwrap();
        assert!(parsed.names().get("shop.Item").is_some());
        assert!(parsed.canonical().contains(r#""type":"Item""#));
    }
}
