//! One text for one schema.
//!
//! It is not Avro's parsing canonical form, which forgets documentation and defaults: two schemas
//! that differ in a default read old records differently and need two ids. The text is written by
//! hand, because the order in which `serde_json` keeps an object's keys depends on features that
//! any other crate of a build may switch on, and every instance has to write the same text.

use serde_json::{Map, Value};

const PRIMITIVES: [&str; 8] =
    ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];

pub(super) fn text(schema: &Value) -> String {
    let mut out = String::new();
    write_schema(&mut out, schema, "");
    out
}

fn write_schema(out: &mut String, schema: &Value, namespace: &str) {
    match schema {
        Value::String(name) => write_string(out, shortest(name, namespace)),
        Value::Array(branches) => {
            write_list(out, branches, |out, branch| write_schema(out, branch, namespace));
        }
        Value::Object(object) => write_object(out, object, namespace),
        other => write_value(out, other),
    }
}

/// A name of the enclosing namespace needs no qualification, unless it would then read as a
/// primitive type.
fn shortest<'a>(name: &'a str, namespace: &str) -> &'a str {
    match name.rsplit_once('.') {
        Some((space, short)) if space == namespace && !PRIMITIVES.contains(&short) => short,
        _ => name,
    }
}

fn write_object(out: &mut String, object: &Map<String, Value>, namespace: &str) {
    let Some(kind) = object.get("type") else {
        return write_value(out, &Value::Object(object.clone()));
    };
    match kind.as_str() {
        Some("record" | "error" | "enum" | "fixed") => write_named(out, object, kind, namespace),
        Some("array") => write_nested(out, object, "items", namespace),
        Some("map") => write_nested(out, object, "values", namespace),
        _ if object.len() == 1 => write_schema(out, kind, namespace),
        _ => {
            let mut members = Members::open(out);
            members.schema("type", kind, namespace);
            members.rest(object, &["type"]);
            members.close();
        }
    }
}

fn write_nested(out: &mut String, object: &Map<String, Value>, inner: &str, namespace: &str) {
    let mut members = Members::open(out);
    members.value("type", &object["type"]);
    if let Some(schema) = object.get(inner) {
        members.schema(inner, schema, namespace);
    }
    members.rest(object, &["type", inner]);
    members.close();
}

fn write_named(out: &mut String, object: &Map<String, Value>, kind: &Value, enclosing: &str) {
    let name = object.get("name").and_then(Value::as_str).unwrap_or("");
    let declared = object.get("namespace").and_then(Value::as_str);
    let (space, short) = match name.rsplit_once('.') {
        Some((space, short)) => (space, short),
        None => (declared.unwrap_or(enclosing), name),
    };
    let mut members = Members::open(out);
    members.value("type", kind);
    members.string("name", short);
    if space != enclosing {
        members.string("namespace", space);
    }
    members.optional(object, "doc");
    if let Some(Value::Array(fields)) = object.get("fields") {
        members.key("fields");
        write_list(members.out, fields, |out, field| write_field(out, field, space));
    }
    for key in ["symbols", "size", "default"] {
        members.optional(object, key);
    }
    if let Some(Value::Array(aliases)) = object.get("aliases") {
        members.key("aliases");
        write_list(members.out, aliases, |out, alias| match alias {
            Value::String(alias) => write_string(out, shortest(alias, space)),
            other => write_value(out, other),
        });
    }
    members.rest(
        object,
        &["type", "name", "namespace", "doc", "fields", "symbols", "size", "default", "aliases"],
    );
    members.close();
}

fn write_field(out: &mut String, field: &Value, namespace: &str) {
    let Value::Object(object) = field else {
        return write_value(out, field);
    };
    let mut members = Members::open(out);
    members.optional(object, "name");
    if let Some(schema) = object.get("type") {
        members.schema("type", schema, namespace);
    }
    members.optional(object, "doc");
    members.optional(object, "default");
    if object.get("order").is_some_and(|order| order != "ascending") {
        members.optional(object, "order");
    }
    members.optional(object, "aliases");
    members.rest(object, &["name", "type", "doc", "default", "order", "aliases"]);
    members.close();
}

struct Members<'a> {
    out: &'a mut String,
    first: bool,
}

impl<'a> Members<'a> {
    fn open(out: &'a mut String) -> Self {
        out.push('{');
        Self { out, first: true }
    }

    fn close(self) {
        self.out.push('}');
    }

    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
        write_string(self.out, key);
        self.out.push(':');
    }

    fn value(&mut self, key: &str, value: &Value) {
        self.key(key);
        write_value(self.out, value);
    }

    fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        write_string(self.out, value);
    }

    fn schema(&mut self, key: &str, schema: &Value, namespace: &str) {
        self.key(key);
        write_schema(self.out, schema, namespace);
    }

    fn optional(&mut self, object: &Map<String, Value>, key: &str) {
        if let Some(value) = object.get(key) {
            self.value(key, value);
        }
    }

    fn rest(&mut self, object: &Map<String, Value>, written: &[&str]) {
        let mut keys: Vec<_> = object.keys().collect();
        keys.retain(|key| !written.contains(&key.as_str()));
        keys.sort();
        for key in keys {
            self.value(key, &object[key]);
        }
    }
}

fn write_list(out: &mut String, items: &[Value], mut write: impl FnMut(&mut String, &Value)) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(out, item);
    }
    out.push(']');
}

fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Object(object) => {
            let mut members = Members::open(out);
            members.rest(object, &[]);
            members.close();
        }
        Value::Array(items) => write_list(out, items, write_value),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(schema: &str) -> String {
        text(&serde_json::from_str(schema).unwrap())
    }

    #[test]
    fn layout_and_attribute_order_do_not_count() {
        let one = r#"{ "fields": [ {"type": {"type":"string"}, "name":"a", "order":"ascending"} ],
                       "name": "shop.A", "type": "record" }"#;
        let two = r#"{"type":"record","namespace":"shop","name":"A","fields":[{"name":"a","type":"string"}]}"#;
        assert_eq!(canonical(one), canonical(two));
        assert_eq!(
            canonical(two),
            r#"{"type":"record","name":"A","namespace":"shop","fields":[{"name":"a","type":"string"}]}"#
        );
    }

    #[test]
    fn documentation_defaults_and_properties_count() {
        let plain = r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int"}]}"#;
        for other in [
            r#"{"type":"record","name":"A","doc":"x","fields":[{"name":"a","type":"int"}]}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int","default":1}]}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":"int"}],"owner":"b"}"#,
            r#"{"type":"record","name":"A","fields":[{"name":"a","type":{"type":"int","logicalType":"date"}}]}"#,
            r#"{"type":"record","name":"A","aliases":["B"],"fields":[{"name":"a","type":"int"}]}"#,
        ] {
            assert_ne!(canonical(plain), canonical(other));
        }
    }

    #[test]
    fn names_are_written_relative_to_their_namespace() {
        let schema = r#"{"type":"record","name":"A","namespace":"n","fields":[
            {"name":"b","type":{"type":"fixed","name":"n.F","size":2}},
            {"name":"c","type":["null","n.F"]},
            {"name":"d","type":{"type":"enum","name":"E","namespace":"m","symbols":["X"]}},
            {"name":"e","type":"m.E"}]}"#;
        assert_eq!(
            canonical(schema),
            concat!(
                r#"{"type":"record","name":"A","namespace":"n","fields":["#,
                r#"{"name":"b","type":{"type":"fixed","name":"F","size":2}},"#,
                r#"{"name":"c","type":["null","F"]},"#,
                r#"{"name":"d","type":{"type":"enum","name":"E","namespace":"m","symbols":["X"]}},"#,
                r#"{"name":"e","type":"m.E"}]}"#
            )
        );
    }

    #[test]
    fn writing_the_canonical_text_again_changes_nothing() {
        let schema = r#"{"type":"map","values":{"type":"array","items":{"type":"record","name":"x.y.R",
            "fields":[{"name":"s","type":["null","R"],"default":null,"z":{"b":1,"a":[true]}}]}}}"#;
        let once = canonical(schema);
        assert_eq!(canonical(&once), once);
    }
}
