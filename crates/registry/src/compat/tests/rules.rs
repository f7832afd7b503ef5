use super::*;

#[test]
fn a_primitive_reads_itself_and_what_promotes_to_it() {
    let all = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    let promotes = [
        ("long", "int"),
        ("float", "int"),
        ("double", "int"),
        ("float", "long"),
        ("double", "long"),
        ("double", "float"),
        ("bytes", "string"),
        ("string", "bytes"),
    ];
    for reader in all {
        for writer in all {
            if reader == writer || promotes.contains(&(reader, writer)) {
                reads(reader, writer);
            } else {
                refuses(reader, writer, Rule::TypeMismatch);
            }
        }
    }
}

#[test]
fn logical_types_do_not_count() {
    let micros = r#"{"type":"long","logicalType":"timestamp-micros"}"#;
    let millis = r#"{"type":"long","logicalType":"timestamp-millis"}"#;
    let date = r#"{"type":"int","logicalType":"date"}"#;
    let wide = r#"{"type":"bytes","logicalType":"decimal","precision":9,"scale":2}"#;
    let narrow = r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":0}"#;
    let uuid = r#"{"type":"string","logicalType":"uuid"}"#;
    for (reader, writer) in [
        (micros, "\"long\""),
        ("\"long\"", micros),
        (millis, micros),
        (micros, date),
        (wide, narrow),
        (narrow, "\"bytes\""),
        (uuid, "\"string\""),
        ("\"string\"", uuid),
    ] {
        reads(reader, writer);
    }
    refuses(date, micros, Rule::TypeMismatch);
}

#[test]
fn a_new_field_needs_a_default_and_a_dropped_one_does_not() {
    let one = record(r#"{"name":"a","type":"int"}"#);
    let bare = record(r#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#);
    let filled = record(r#"{"name":"a","type":"int"},{"name":"b","type":"int","default":0}"#);
    let null =
        record(r#"{"name":"a","type":"int"},{"name":"b","type":["null","int"],"default":null}"#);
    refuses(&bare, &one, Rule::ReaderFieldMissingDefaultValue);
    reads(&filled, &one);
    reads(&null, &one);
    reads(&one, &bare);
}

#[test]
fn a_field_may_be_renamed_with_an_alias_of_the_reader_alone() {
    let old = record(r#"{"name":"a","type":"int"}"#);
    let new = record(r#"{"name":"b","type":"long","aliases":["a"]}"#);
    reads(&new, &old);
    refuses(&old, &new, Rule::ReaderFieldMissingDefaultValue);
    let wrong_type = record(r#"{"name":"b","type":"string","aliases":["a"]}"#);
    refuses(&wrong_type, &old, Rule::TypeMismatch);
    let own_name_first = record(r#"{"name":"b","type":"int","aliases":["a"]}"#);
    let both = record(r#"{"name":"a","type":"string"},{"name":"b","type":"int"}"#);
    reads(&own_name_first, &both);
}

#[test]
fn named_types_match_by_unqualified_name_or_alias_of_the_reader() {
    let named = |kind: &str, name: &str, aliases: &str| match kind {
        "record" => {
            format!(r#"{{"type":"record","name":"{name}","aliases":[{aliases}],"fields":[]}}"#)
        }
        "enum" => {
            format!(r#"{{"type":"enum","name":"{name}","aliases":[{aliases}],"symbols":["X"]}}"#)
        }
        _ => format!(r#"{{"type":"fixed","name":"{name}","aliases":[{aliases}],"size":4}}"#),
    };
    for kind in ["record", "enum", "fixed"] {
        let (old, moved) = (named(kind, "n.Old", ""), named(kind, "m.Old", ""));
        reads(&moved, &old);
        refuses(&named(kind, "n.New", ""), &old, Rule::NameMismatch);
        reads(&named(kind, "n.New", r#""Old""#), &old);
        reads(&named(kind, "m.New", r#""n.Old""#), &old);
        refuses(&named(kind, "m.New", r#""Old""#), &old, Rule::NameMismatch);
        refuses(&old, &named(kind, "n.New", r#""Old""#), Rule::NameMismatch);
    }
}

#[test]
fn an_enum_needs_every_symbol_or_a_default() {
    let two = r#"{"type":"enum","name":"E","symbols":["A","B"]}"#;
    let three = r#"{"type":"enum","name":"E","symbols":["C","B","A"]}"#;
    let fallback = r#"{"type":"enum","name":"E","symbols":["A","B"],"default":"A"}"#;
    reads(three, two);
    refuses(two, three, Rule::MissingEnumSymbols);
    reads(fallback, three);
    let field_default = format!(
        r#"{{"type":"record","name":"R","fields":[{{"name":"e","type":{two},"default":"A"}}]}}"#
    );
    let wider =
        format!(r#"{{"type":"record","name":"R","fields":[{{"name":"e","type":{three}}}]}}"#);
    refuses(&field_default, &wider, Rule::MissingEnumSymbols);
}

#[test]
fn fixed_types_have_one_size() {
    let four = r#"{"type":"fixed","name":"F","size":4}"#;
    let eight = r#"{"type":"fixed","name":"F","size":8}"#;
    reads(four, four);
    refuses(four, eight, Rule::FixedSizeMismatch);
    refuses("\"bytes\"", four, Rule::TypeMismatch);
}

#[test]
fn a_reader_union_needs_one_branch_that_fits() {
    reads(r#"["null","int"]"#, "\"int\"");
    reads(r#"["null","double"]"#, "\"int\"");
    refuses(r#"["null","int"]"#, "\"long\"", Rule::MissingUnionBranch);
    refuses(r#"[]"#, "\"int\"", Rule::MissingUnionBranch);
}

#[test]
fn a_writer_union_needs_every_branch_to_fit() {
    reads(r#"["string","int","null"]"#, r#"["null","int"]"#);
    reads("\"double\"", r#"["int","float"]"#);
    reads("\"int\"", r#"["int"]"#);
    refuses("\"int\"", r#"["null","int"]"#, Rule::TypeMismatch);
    refuses(r#"["null","int"]"#, r#"["null","int","string"]"#, Rule::MissingUnionBranch);
}

#[test]
fn a_union_of_records_picks_the_branch_whose_fields_fit() {
    let a = |extra: &str| format!(r#"{{"type":"record","name":"x.A","fields":[{extra}]}}"#);
    let b = r#"{"type":"record","name":"y.A","fields":[]}"#;
    let needy = a(r#"{"name":"f","type":"int"}"#);
    reads(&format!("[{needy},{b}]"), &a(""));
    refuses(&format!("[{needy}]"), &a(""), Rule::ReaderFieldMissingDefaultValue);
}

#[test]
fn arrays_and_maps_are_compared_inside() {
    reads(r#"{"type":"array","items":"long"}"#, r#"{"type":"array","items":"int"}"#);
    refuses(
        r#"{"type":"array","items":"int"}"#,
        r#"{"type":"array","items":"long"}"#,
        Rule::TypeMismatch,
    );
    reads(r#"{"type":"map","values":"string"}"#, r#"{"type":"map","values":"bytes"}"#);
    refuses(
        r#"{"type":"map","values":"int"}"#,
        r#"{"type":"array","items":"int"}"#,
        Rule::TypeMismatch,
    );
}

#[test]
fn a_finding_says_where_it_is() {
    let of = |kind: &str| {
        record(&format!(r#"{{"name":"list","type":{{"type":"array","items":["null","{kind}"]}}}}"#))
    };
    let found = reasons(&of("int"), &of("string"));
    assert_eq!(found[0].path, "/list/items");
    assert!(found[0].to_string().starts_with("MISSING_UNION_BRANCH at /list/items: "));
}
