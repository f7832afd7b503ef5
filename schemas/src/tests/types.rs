//! A type and its file say the same.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::{Value, from_value, json, to_value};

use super::probe::names;
use super::*;
use crate::records::for_each_record;
use crate::*;

#[test]
fn a_type_is_named_as_in_its_file() {
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        let name = format!("{}.{}", text(&schema, "namespace"), text(&schema, "name"));
        assert_eq!(record.name, name, "{}", record.file);
        let topic = text(&schema, "namespace").trim_start_matches("orderline.");
        assert_eq!(record.topic.replace('-', "_"), topic, "{}", record.file);
    }
}

#[test]
fn every_file_has_a_type() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/avro");
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().file_name());
    let mut files: Vec<_> = files.map(|f| f.into_string().unwrap()).collect();
    let mut listed: Vec<_> = all().iter().map(|r| r.file.to_owned()).collect();
    files.sort();
    listed.sort();
    assert_eq!(files, listed, "list each file of avro/ in src/records.rs");
}

#[test]
fn a_value_survives_the_wire_unchanged() {
    fn check<T: Record>() {
        let made = made::value(&schema::<T>());
        let value: T = from_value(made.clone()).unwrap();
        assert_eq!(to_value(&value).unwrap(), made, "{}: fields differ from the file", T::TYPE);
        let bytes = encode(&value, &schema::<T>());
        assert_eq!(read::<T>(&bytes, &schema::<T>()).unwrap(), value);
        assert!(made.as_object().unwrap().values().any(|v| v == &json!(value.key())));
    }
    for_each_record!(check);
}

#[test]
fn null_is_allowed_where_the_file_allows_it_and_nowhere_else() {
    fn check<T: Record>() {
        for field in fields(&schema::<T>()) {
            let mut made = made::value(&schema::<T>());
            made[text(field, "name")] = Value::Null;
            let read = from_value::<T>(made);
            assert_eq!(read.is_ok(), is_nullable(field), "{}: {field}", T::TYPE);
        }
    }
    for_each_record!(check);
}

#[test]
fn a_field_left_out_takes_the_default_of_the_file() {
    fn check<T: Record>() {
        for field in fields(&schema::<T>()) {
            let name = text(field, "name");
            let mut made = made::value(&schema::<T>());
            made.as_object_mut().unwrap().remove(name);
            let read = from_value::<T>(made).ok().map(|v| to_value(v).unwrap()[name].clone());
            assert_eq!(read.as_ref(), field.get("default"), "{}: {name}", T::TYPE);
        }
    }
    for_each_record!(check);
}

/// Fields out of order would be buffered on every write.
#[test]
fn fields_and_symbols_come_in_the_order_of_the_file() {
    let mut types: BTreeMap<String, &'static [&'static str]> = BTreeMap::new();
    fn add<T: DeserializeOwned>(types: &mut BTreeMap<String, &'static [&'static str]>) {
        let name = std::any::type_name::<T>().rsplit("::").next().unwrap();
        types.insert(name.to_owned(), names::<T>());
    }
    add::<UserRole>(&mut types);
    add::<StockCause>(&mut types);
    add::<CartLine>(&mut types);
    add::<OrderLine>(&mut types);
    add::<RejectReason>(&mut types);
    add::<CancelReason>(&mut types);
    add::<ReservedLine>(&mut types);
    add::<Shortage>(&mut types);
    add::<DeclineReason>(&mut types);
    add::<NotificationChannel>(&mut types);
    add::<NotificationFailure>(&mut types);
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        named_types(&schema, &mut |named| {
            let name = text(named, "name");
            let in_file: Vec<&str> = match named["symbols"].as_array() {
                Some(symbols) => symbols.iter().map(|s| s.as_str().unwrap()).collect(),
                None => fields(named).iter().map(|f| text(f, "name")).collect(),
            };
            match types.get(name) {
                Some(in_type) => assert_eq!(in_file, *in_type, "{name} in {}", record.file),
                None => assert!(record.name.ends_with(&format!(".{name}")), "add {name} above"),
            }
        });
    }
    fn check<T: Record>() {
        let schema = schema::<T>();
        let in_file: Vec<_> = fields(&schema).iter().map(|f| text(f, "name")).collect();
        assert_eq!(in_file, names::<T>(), "{}", T::TYPE);
    }
    for_each_record!(check);
}

/// A program that loads all files at once, as Java's code generator does, takes one definition.
#[test]
fn a_type_used_in_several_files_is_the_same_in_each() {
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for record in all() {
        let schema: Value = serde_json::from_str(record.schema).unwrap();
        named_types(&schema, &mut |named| {
            let name = format!("{}.{}", text(&schema, "namespace"), text(named, "name"));
            let same = seen.entry(name.clone()).or_insert_with(|| named.to_string());
            assert_eq!(*same, named.to_string(), "{name} in {}", record.file);
        });
    }
}
