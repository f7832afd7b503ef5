//! What holds for every record. Values are made from the `.avsc` files, so that a new record is
//! covered by being listed in `records.rs`.

mod documented;
mod evolution;
mod hostile;
mod made;
mod probe;
mod topics;
mod types;

use std::fmt::Debug;
use std::sync::Arc;

use pipeline::Event;
use pipeline::codec::{DecodeError, WriterSchema, decode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What the tests ask of a record beside `Event`.
trait Record: Event + PartialEq + Debug {}
impl<T: Event + PartialEq + Debug> Record for T {}

fn schema<T: Event>() -> Value {
    serde_json::from_str(T::SCHEMA).unwrap()
}

fn fields(schema: &Value) -> &Vec<Value> {
    schema["fields"].as_array().unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

fn writer(schema: &Value) -> Arc<WriterSchema> {
    let name = text(schema, "name").to_owned();
    Arc::new(WriterSchema { name, schema: schema.to_string().parse().unwrap() })
}

/// The Avro bytes, without the frame.
fn encode(value: &impl Serialize, schema: &Value) -> Vec<u8> {
    let schema: serde_avro_fast::Schema = schema.to_string().parse().unwrap();
    let mut config = serde_avro_fast::ser::SerializerConfig::new(&schema);
    serde_avro_fast::to_datum_vec(value, &mut config).unwrap()
}

fn read<T: DeserializeOwned>(bytes: &[u8], written_with: &Value) -> Result<T, DecodeError> {
    decode(bytes, &writer(written_with))
}

/// Calls `visit` with each record and enum in a schema, the outermost first.
fn named_types<'a>(schema: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    if let Some(branches) = schema.as_array() {
        branches.iter().for_each(|branch| named_types(branch, visit));
    }
    match schema["type"].as_str() {
        Some("record") => {
            visit(schema);
            fields(schema).iter().for_each(|field| named_types(&field["type"], visit));
        }
        Some("enum") => visit(schema),
        Some("array") => named_types(&schema["items"], visit),
        _ => (),
    }
}

/// A schema with one more field, and a value of it.
fn with_field(
    schema: &Value,
    value: &Value,
    at: usize,
    field: Value,
    content: Value,
) -> [Value; 2] {
    let (mut schema, mut value) = (schema.clone(), value.clone());
    let name = text(&field, "name").to_owned();
    schema["fields"].as_array_mut().unwrap().insert(at, field);
    value[name] = content;
    [schema, value]
}

fn is_nullable(field: &Value) -> bool {
    field["type"].get(0) == Some(&json!("null"))
}
