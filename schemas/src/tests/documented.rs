use serde_json::{Value, json};

use super::*;
use crate::all;

#[test]
fn every_type_and_every_field_is_documented() {
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        named_types(&schema, &mut |named| {
            assert!(!text(named, "doc").is_empty(), "{}: {named}", record.file);
            for field in named["fields"].as_array().into_iter().flatten() {
                assert!(!text(field, "doc").is_empty(), "{}: {field}", record.file);
            }
        });
    }
}

#[test]
fn an_enum_can_grow_because_it_has_a_default_symbol() {
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        named_types(&schema, &mut |named| {
            if let Some(symbols) = named["symbols"].as_array() {
                assert!(symbols.contains(&named["default"]), "{}: {named}", record.file);
            }
        });
    }
}

#[test]
fn a_field_says_by_its_name_what_it_holds() {
    const OWN_IDS: [&str; 2] = ["product_id", "message_id"];
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        for field in fields(&schema) {
            let name = text(field, "name");
            let kind = if is_nullable(field) { &field["type"][1] } else { &field["type"] };
            let at = |of: &str| format!("{}: `{name}` should be {of}", record.file);
            if name.ends_with("_at") {
                assert_eq!(kind["logicalType"], "timestamp-micros", "{}", at("a time"));
            }
            if name.ends_with("_id") && !OWN_IDS.contains(&name) {
                assert_eq!(kind["logicalType"], "uuid", "{}", at("a uuid"));
            }
            if ["total", "amount", "price"].contains(&name) {
                assert_eq!(kind, &json!("long"), "{}", at("minor units"));
                let currency = fields(&schema).iter().any(|f| text(f, "name") == "currency");
                assert!(currency, "{}", at("beside a `currency`"));
            }
        }
    }
}
