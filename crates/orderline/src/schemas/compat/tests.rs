use super::*;

fn record(fields: &str) -> String {
    format!(r#"{{"type":"record","name":"Thing","namespace":"a","fields":[{fields}]}}"#)
}

fn check(new: &str, old: &str) -> Vec<Break> {
    let files = |text: &str| Files::from([("thing.avsc".to_owned(), text.to_owned())]);
    breaks(&files(new), &BTreeMap::from([("0.1.0".to_owned(), files(old))]))
}

#[track_caller]
fn passes(new: &str, old: &str) {
    assert_eq!(check(&record(new), &record(old)), []);
    assert_eq!(check(&record(old), &record(new)), []);
}

#[track_caller]
fn breaks_at(new: &str, old: &str, field: &str, advice: &str) {
    let found = check(&record(new), &record(old));
    let told = found.iter().any(|b| b.field == field && b.advice.contains(advice));
    assert!(told, "{found:#?}");
}

const ID: &str = r#"{"name":"id","type":"string"}"#;
const NOTE: &str = r#"{"name":"note","type":["null","string"],"default":null}"#;

fn with(field: &str) -> String {
    format!("{ID},{field}")
}

fn kind(symbols: &str, default: &str) -> String {
    format!(r#"{{"name":"k","type":{{"type":"enum","name":"K","symbols":[{symbols}]{default}}}}}"#)
}

#[test]
fn a_field_with_a_default_comes_and_goes() {
    passes(&with(NOTE), ID);
}

#[test]
fn a_field_without_a_default_neither_comes_nor_goes() {
    let count = with(r#"{"name":"count","type":"long"}"#);
    breaks_at(&count, ID, "count", "give the new field a default");
    breaks_at(ID, &count, "count", "put the field back");
}

#[test]
fn a_type_is_not_promoted_because_running_programs_could_not_read_it() {
    let (int, long) = (r#"{"name":"n","type":"int"}"#, r#"{"name":"n","type":"long"}"#);
    breaks_at(long, int, "n", "restore the type");
    breaks_at(int, long, "n", "restore the type");
}

#[test]
fn a_field_does_not_become_optional_or_stop_being_so() {
    let must = r#"{"name":"note","type":"string"}"#;
    breaks_at(&with(NOTE), &with(must), "note", "restore the type");
    breaks_at(&with(must), &with(NOTE), "note", "restore the type");
}

#[test]
fn symbols_come_and_go_where_there_is_a_default() {
    let default = r#","default":"A""#;
    passes(&kind(r#""A","B""#, default), &kind(r#""A""#, default));
    breaks_at(&kind(r#""A","B""#, ""), &kind(r#""A""#, ""), "k", "add a new field");
    breaks_at(&kind(r#""A""#, ""), &kind(r#""A","B""#, ""), "k", "put the symbol back");
}

#[test]
fn a_record_keeps_its_name_and_namespace() {
    for renamed in [record(ID).replace("Thing", "Other"), record(ID).replace("\"a\"", "\"b\"")] {
        let found = check(&renamed, &record(ID));
        assert!(found[0].reason.contains("it was named a.Thing"), "{found:?}");
    }
}

#[test]
fn a_released_file_stays() {
    let released = Files::from([("thing.avsc".to_owned(), record(ID))]);
    let found = breaks(&Files::new(), &BTreeMap::from([("0.1.0".to_owned(), released)]));
    assert_eq!((found.len(), found[0].advice.as_str()), (1, "put the file back"));
}

#[test]
fn a_change_inside_a_list_is_named_by_its_path() {
    let lines = |fields: &str| {
        let line = format!(r#"{{"type":"record","name":"Line","fields":[{fields}]}}"#);
        format!(r#"{{"name":"lines","type":{{"type":"array","items":{line}}}}}"#)
    };
    let more = with(r#"{"name":"count","type":"long"}"#);
    breaks_at(&lines(&more), &lines(ID), "lines.items.count", "give the new field a default");
}

#[test]
fn a_type_used_by_name_is_compared_by_its_definition() {
    let pair = |symbols: &str, first: &str, second: &str| {
        let inline = format!(r#"{{"type":"enum","name":"K","symbols":[{symbols}]}}"#);
        format!(r#"{{"name":"{first}","type":{inline}}},{{"name":"{second}","type":"K"}}"#)
    };
    passes(&pair(r#""A""#, "a", "b"), &pair(r#""A""#, "b", "a"));
    breaks_at(&pair(r#""A","B""#, "a", "b"), &pair(r#""A""#, "a", "b"), "a", "add a new field");
}

#[test]
fn the_unit_of_a_time_and_a_default_stay() {
    let at = |unit: &str| {
        format!(r#"{{"name":"at","type":{{"type":"long","logicalType":"timestamp-{unit}"}}}}"#)
    };
    breaks_at(&at("millis"), &at("micros"), "at", "for another meaning");
    let plain = r#"{"name":"at","type":"long"}"#;
    breaks_at(plain, &at("micros"), "at", "for another meaning");
    let channel = |name: &str| format!(r#"{{"name":"c","type":"string","default":"{name}"}}"#);
    breaks_at(&channel("shop"), &channel("web"), "c", "for another meaning");
}

#[test]
fn a_file_that_is_no_schema_is_said_to_be_so() {
    let found = check("{", &record(ID));
    assert_eq!(found[0].advice, "mend the file");
}
