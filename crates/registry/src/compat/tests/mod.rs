mod apache_avro;
mod levels;
mod recursion;
mod rules;

use super::*;

fn schema(text: &str) -> AvroSchema {
    AvroSchema::parse(text, &[] as &[&str], 100).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn reasons(reader: &str, writer: &str) -> Vec<Incompatibility> {
    can_read(&schema(reader), &schema(writer))
}

#[track_caller]
fn reads(reader: &str, writer: &str) {
    let found = reasons(reader, writer);
    assert!(found.is_empty(), "{reader} should read {writer}: {found:?}");
}

#[track_caller]
fn refuses(reader: &str, writer: &str, rule: Rule) {
    let found = reasons(reader, writer);
    assert!(
        found.iter().any(|f| f.rule == rule),
        "{reader} should refuse {writer} by {rule:?}: {found:?}"
    );
}

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"R","namespace":"n","fields":[{fields}]}}"#)
}
