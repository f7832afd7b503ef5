use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::{fields, text};

/// A value of a record schema: every optional field is there, every list has entries, and no two
/// values are the same or a field's default.
pub(super) fn value(schema: &Value) -> Value {
    Maker::default().of(schema, None)
}

#[derive(Default)]
struct Maker<'a> {
    count: u64,
    known: HashMap<&'a str, &'a Value>,
}

impl<'a> Maker<'a> {
    fn of(&mut self, schema: &'a Value, default: Option<&Value>) -> Value {
        self.count += 1;
        if let Some(branches) = schema.as_array() {
            return self.of(&branches[1], None);
        }
        let kind = schema.as_str().unwrap_or_else(|| text(schema, "type"));
        match kind {
            "record" => {
                self.known.insert(text(schema, "name"), schema);
                let made = fields(schema).iter().map(|field| {
                    let name = text(field, "name").to_owned();
                    (name, self.of(&field["type"], field.get("default")))
                });
                Value::Object(made.collect::<Map<_, _>>())
            }
            "enum" => {
                self.known.insert(text(schema, "name"), schema);
                schema["symbols"][0].clone()
            }
            "array" => (0..3).map(|_| self.of(&schema["items"], None)).collect(),
            "boolean" => json!(default != Some(&json!(true))),
            "int" | "long" => json!(1_000 + self.count),
            "string" if schema["logicalType"] == "uuid" => {
                json!(uuid::Uuid::from_u128(self.count.into()))
            }
            "string" => json!(format!("text {}", self.count)),
            name => {
                let known = self.known.get(name).unwrap_or_else(|| panic!("unknown type {name}"));
                self.of(known, default)
            }
        }
    }
}
