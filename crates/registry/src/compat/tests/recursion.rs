use super::*;

fn list(value: &str, next: &str) -> String {
    format!(
        r#"{{"type":"record","name":"Node","fields":[{{"name":"v","type":"{value}"}},{{"name":"next","type":{next}}}]}}"#
    )
}

#[test]
fn recursive_types_are_compared_once() {
    let (ints, longs) = (list("int", r#"["null","Node"]"#), list("long", r#"["null","Node"]"#));
    reads(&longs, &ints);
    refuses(&ints, &longs, Rule::TypeMismatch);
}

#[test]
fn a_use_of_a_name_is_followed_to_its_definition() {
    let twice = |size: u32| {
        record(&format!(
            r#"{{"name":"a","type":{{"type":"fixed","name":"F","size":{size}}}}},{{"name":"b","type":"F"}}"#
        ))
    };
    let swapped = record(
        r#"{"name":"b","type":{"type":"fixed","name":"F","size":4}},{"name":"a","type":"F"}"#,
    );
    reads(&twice(4), &swapped);
    reads(&swapped, &twice(4));
    let found = reasons(&twice(8), &swapped);
    assert_eq!(found.len(), 2, "{found:?}");
}

#[test]
fn an_assumption_that_fails_is_taken_back() {
    // Comparing A assumes that A matches while the branch for B is looked at, whose field of A
    // then matches only by that assumption; A fails at its last field, so B must fail too.
    let shape = |last: &str| {
        format!(
            r#"{{"type":"record","name":"Top","fields":[
                {{"name":"u","type":["null",{{"type":"record","name":"A","fields":[
                    {{"name":"b","type":["null",{{"type":"record","name":"B","fields":[{{"name":"a","type":["null","A"]}}]}}]}},
                    {{"name":"z","type":"{last}"}}]}}]}},
                {{"name":"w","type":["null","B"]}}]}}"#
        )
    };
    reads(&shape("int"), &shape("int"));
    let found = reasons(&shape("int"), &shape("string"));
    assert!(!found.is_empty());
}

#[test]
fn a_hostile_chain_of_types_is_given_up_without_harm() {
    let link = |n: usize| match n {
        0 => r#"{"type":"record","name":"T0","fields":[{"name":"x","type":"int"}]}"#.to_owned(),
        n => format!(
            r#"{{"type":"record","name":"T{n}","fields":[{{"name":"x","type":["null","T{}"]}}]}}"#,
            n - 1
        ),
    };
    let links: Vec<String> = (0..3_000).map(link).collect();
    let top = r#"{"type":"record","name":"Top","fields":[{"name":"x","type":"T2999"}]}"#;
    let chain = format!("[{},{top}]", links.join(","));
    let found = reasons(&chain, &chain.replace("\"int\"", "\"string\""));
    assert!((1..=50).contains(&found.len()));
}
