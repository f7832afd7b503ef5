use super::*;

#[test]
fn each_level_looks_the_way_it_says() {
    let old = schema(&record(r#"{"name":"a","type":"int"}"#));
    let adds_bare = schema(&record(r#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#));
    let drops = schema(&record(""));
    let adds_filled =
        schema(&record(r#"{"name":"a","type":"int"},{"name":"b","type":"int","default":0}"#));
    use Level::*;
    for (level, bare_ok, drop_ok, filled_ok) in [
        (None, true, true, true),
        (Backward, false, true, true),
        (BackwardTransitive, false, true, true),
        (Forward, true, false, true),
        (ForwardTransitive, true, false, true),
        (Full, false, false, true),
        (FullTransitive, false, false, true),
    ] {
        assert_eq!(level.check(&adds_bare, &old).is_empty(), bare_ok, "{level} adds_bare");
        assert_eq!(level.check(&drops, &old).is_empty(), drop_ok, "{level} drops");
        assert_eq!(level.check(&adds_filled, &old).is_empty(), filled_ok, "{level} adds_filled");
    }
}

#[test]
fn a_level_is_read_as_it_is_written() {
    for level in Level::ALL {
        assert_eq!(level.to_string().parse::<Level>().unwrap(), level);
        assert_eq!(serde_json::to_value(level).unwrap(), level.as_str());
    }
    assert!("SIDEWAYS".parse::<Level>().is_err());
}
