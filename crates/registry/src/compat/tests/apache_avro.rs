//! The cases for which the registry has a checker of its own. When one of these tests fails after
//! an upgrade of apache-avro, that case is mended there.

use ::apache_avro::Schema as Tree;
use ::apache_avro::schema_compatibility::{Compatibility, SchemaCompatibility};

use super::*;

fn theirs(reader: &str, writer: &str) -> Option<Compatibility> {
    let (reader, writer) = (Tree::parse_str(reader).unwrap(), Tree::parse_str(writer).unwrap());
    SchemaCompatibility::can_read(&writer, &reader).ok()
}

#[test]
fn it_does_not_follow_names_to_their_definitions() {
    let first_a = record(
        r#"{"name":"a","type":{"type":"fixed","name":"F","size":4}},{"name":"b","type":"F"}"#,
    );
    let first_b = record(
        r#"{"name":"b","type":{"type":"fixed","name":"F","size":4}},{"name":"a","type":"F"}"#,
    );
    reads(&first_a, &first_b);
    assert_eq!(theirs(&first_a, &first_b), None);
}

#[test]
fn it_ignores_the_aliases_of_types() {
    let old = r#"{"type":"record","name":"Old","fields":[]}"#;
    let new = r#"{"type":"record","name":"New","aliases":["Old"],"fields":[]}"#;
    reads(new, old);
    assert_eq!(theirs(new, old), None);
}

#[test]
fn it_compares_the_precision_of_decimals() {
    let wide = r#"{"type":"bytes","logicalType":"decimal","precision":9}"#;
    let narrow = r#"{"type":"bytes","logicalType":"decimal","precision":4}"#;
    reads(wide, narrow);
    assert_eq!(theirs(wide, narrow), None);
}

#[test]
fn it_calls_some_branches_a_partial_match() {
    refuses(r#""int""#, r#"["null","int"]"#, Rule::TypeMismatch);
    assert_eq!(theirs(r#""int""#, r#"["null","int"]"#), Some(Compatibility::Partial));
}
