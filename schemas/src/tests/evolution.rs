//! Records written with an older or newer schema are read.

use serde_json::{Value, from_value, json, to_value};

use super::*;
use crate::records::for_each_record;
use crate::*;

#[test]
fn a_record_written_before_a_field_was_added_is_read_with_the_default() {
    fn check<T: Record>() {
        let (schema, made) = (schema::<T>(), made::value(&schema::<T>()));
        let (mut older, mut left, mut expected) = (schema.clone(), made.clone(), made);
        let later = fields(&schema).iter().filter(|f| f.get("default").is_some());
        for field in later {
            let name = text(field, "name");
            older["fields"].as_array_mut().unwrap().retain(|f| f["name"] != name);
            left.as_object_mut().unwrap().remove(name);
            expected[name] = field["default"].clone();
        }
        let value: T = read(&encode(&left, &older), &older).unwrap();
        assert_eq!(to_value(value).unwrap(), expected, "{}", T::TYPE);
    }
    for_each_record!(check);
}

/// Fields of a future version, of every kind of type, each with a value.
fn news() -> [(Value, Value); 4] {
    [
        (json!({ "name": "news", "type": "string" }), json!("text")),
        (json!({ "name": "news", "type": ["null", "double"] }), json!(1.5)),
        (
            json!({ "name": "news", "type": { "type": "map", "values": "bytes" } }),
            json!({ "a": "bytes" }),
        ),
        (
            json!({ "name": "news", "type": { "type": "array", "items": {
                "type": "record", "name": "News", "fields": [
                    { "name": "n", "type": { "type": "enum", "name": "N", "symbols": ["A"] } }
                ] } } }),
            json!([{ "n": "A" }, { "n": "A" }]),
        ),
    ]
}

#[test]
fn a_record_written_with_fields_added_later_is_read_without_them() {
    fn check<T: Record>() {
        let (schema, made) = (schema::<T>(), made::value(&schema::<T>()));
        for (field, content) in news() {
            for at in 0..=fields(&schema).len() {
                let [newer, value] = with_field(&schema, &made, at, field.clone(), content.clone());
                let known: T = read(&encode(&value, &newer), &newer).unwrap();
                assert_eq!(to_value(known).unwrap(), made, "{}: {field} at {at}", T::TYPE);
            }
        }
    }
    for_each_record!(check);
}

#[test]
fn a_symbol_added_later_is_read_as_the_default() {
    fn check<T: Record>() {
        let schema = schema::<T>();
        for (at, field) in fields(&schema).iter().enumerate() {
            let Some(default) = field["type"].get("default") else { continue };
            let mut newer = schema.clone();
            newer["fields"][at]["type"]["symbols"].as_array_mut().unwrap().push(json!("NEW"));
            let (name, mut value) = (text(field, "name"), made::value(&schema));
            value[name] = json!("NEW");
            let value: T = read(&encode(&value, &newer), &newer).unwrap();
            assert_eq!(&to_value(value).unwrap()[name], default, "{}: {name}", T::TYPE);
        }
    }
    for_each_record!(check);
}

#[test]
fn a_record_of_a_client_that_leaves_the_options_out_is_read() {
    let value: CartCheckedOut = from_value(json!({
        "checkout_id": uuid::Uuid::from_u128(1), "user_id": uuid::Uuid::from_u128(2),
        "lines": [{ "product_id": "MUG-1", "quantity": 2, "line_total": 1_000 }],
        "total": 1_000, "currency": "EUR", "checked_out_at": 0,
    }))
    .unwrap();
    assert_eq!((value.channel.as_str(), value.order_ref), ("web", None));
}

/// Written by Python's fastavro from the example in the README.
#[test]
fn a_record_written_by_another_language_is_read() {
    let bytes = [
        b"H019a1b2c-0000-7000-8000-000000000001H019a1b2c-0000-7000-8000-000000000002\0\0"
            .as_slice(),
        b"\x16marketplace\x02\x0cM-1001\0",
        b"\x02\x10MUG-BLUE\0\x04\0\xe4\x24\0\xe4\x24\x06EUR\0\x80\x80\x82\xe2\x88\xd2\xa3\x06",
    ]
    .concat();
    let value: CartCheckedOut = read(&bytes, &schema::<CartCheckedOut>()).unwrap();
    assert_eq!((value.order_ref.as_deref(), value.total), (Some("M-1001"), 2_354));
    assert_eq!((value.lines[0].product_id.as_str(), value.lines[0].quantity), ("MUG-BLUE", 2));
    assert_eq!(value.checked_out_at, 1_767_225_600_000_000);
}
