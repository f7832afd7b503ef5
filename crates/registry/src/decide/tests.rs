use super::*;
use crate::compat::Level;
use crate::log::{FORMAT, Key, Proposal};
use crate::state::{Outcome, Reference};

const DEFAULTS: Defaults = Defaults { level: Level::Backward };

fn submit(text: &str, references: Vec<Reference>) -> Submission {
    Submission { text: text.into(), references, max_nesting: 96 }
}

fn record(fields: &str) -> Submission {
    submit(&format!(r#"{{"type":"record","name":"n.R","fields":[{fields}]}}"#), vec![])
}

fn settle<T>(state: &mut State, decision: Result<Decision<T>, ApiError>) -> Result<T, ApiError> {
    match decision? {
        Decision::Done(answer) => Ok(answer),
        Decision::Propose(change, answer) => {
            let key = Key { format: FORMAT, revision: state.revision() + 1, nonce: "n".into() };
            assert_eq!(state.apply(&Proposal { key, change }), Outcome::Applied);
            Ok(answer)
        }
    }
}

fn add(state: &mut State, subject: &str, submission: &Submission) -> Result<u32, ApiError> {
    let decision = register(state, subject, submission, DEFAULTS);
    settle(state, decision)
}

fn code<T: std::fmt::Debug>(result: Result<T, ApiError>) -> u32 {
    result.unwrap_err().code
}

const A: &str = r#"{"name":"a","type":"int"}"#;
const A_B: &str = r#"{"name":"a","type":"int"},{"name":"b","type":"int","default":0}"#;
const A_BARE_B: &str = r#"{"name":"a","type":"int"},{"name":"b","type":"int"}"#;

#[test]
fn registering_again_gives_the_same_id_and_no_new_version() {
    let mut state = State::default();
    let id = add(&mut state, "s", &record(A)).unwrap();
    assert_eq!(add(&mut state, "s", &record(A)).unwrap(), id);
    assert_eq!(add(&mut state, "t", &record(A)).unwrap(), id);
    assert_eq!(state.versions("s").count(), 1);
}

#[test]
fn an_incompatible_schema_is_refused_until_the_level_allows_it() {
    let mut state = State::default();
    add(&mut state, "s", &record(A)).unwrap();
    let refused = add(&mut state, "s", &record(A_BARE_B)).unwrap_err();
    assert_eq!(refused.code, 409);
    assert!(refused.message.contains("READER_FIELD_MISSING_DEFAULT_VALUE at /b"), "{refused}");
    let decision = set_level(&state, Some("s"), Some(Level::None));
    settle(&mut state, decision).unwrap();
    assert_eq!(add(&mut state, "s", &record(A_BARE_B)), Ok(2));
    assert_eq!(add(&mut state, "t", &record(A)), Ok(1), "another subject has its own level");
}

#[test]
fn only_a_transitive_level_looks_past_the_latest_version() {
    let mut state = State::default();
    for fields in [A, A_B] {
        add(&mut state, "s", &record(fields)).unwrap();
    }
    let bare = record(A_BARE_B);
    for (level, fits) in [(Level::Backward, true), (Level::BackwardTransitive, false)] {
        let decision = set_level(&state, None, Some(level));
        settle(&mut state, decision).unwrap();
        assert_eq!(register(&state, "s", &bare, DEFAULTS).is_ok(), fits, "{level}");
    }
}

#[test]
fn a_deleted_version_no_longer_holds_back_a_new_one() {
    let mut state = State::default();
    add(&mut state, "s", &record(A)).unwrap();
    let decision = delete_version(&state, "s", VersionRef::Latest, false);
    settle(&mut state, decision).unwrap();
    assert_eq!(add(&mut state, "s", &record(A_BARE_B)), Ok(2));
    assert_eq!(state.active("s").map(|(number, _)| number).collect::<Vec<_>>(), [2]);
    assert_eq!(add(&mut state, "s", &record(A_B)), Ok(3));
}

#[test]
fn deleting_is_soft_first_and_then_permanent() {
    let mut state = State::default();
    assert_eq!(code(delete_subject(&state, "s", false)), 40401);
    add(&mut state, "s", &record(A)).unwrap();
    assert_eq!(code(delete_subject(&state, "s", true)), 40405);
    let one = VersionRef::Number(1);
    assert_eq!(code(delete_version(&state, "s", one, true)), 40407);
    assert_eq!(code(delete_version(&state, "s", VersionRef::Number(2), false)), 40402);
    let decision = delete_subject(&state, "s", false);
    assert_eq!(settle(&mut state, decision), Ok(vec![1]));
    assert_eq!(code(delete_subject(&state, "s", false)), 40404);
    assert_eq!(code(delete_version(&state, "s", one, false)), 40406);
    let decision = delete_subject(&state, "s", true);
    assert_eq!(settle(&mut state, decision), Ok(vec![1]));
    assert_eq!(code(delete_subject(&state, "s", true)), 40401);
}

#[test]
fn looking_up_says_what_is_missing() {
    let mut state = State::default();
    assert_eq!(code(lookup(&state, "s", &record(A), false)), 40401);
    add(&mut state, "s", &record(A)).unwrap();
    assert_eq!(lookup(&state, "s", &record(A), false).unwrap().version, 1);
    assert_eq!(code(lookup(&state, "s", &record(A_B), false)), 40403);
    assert_eq!(code(lookup(&state, "s", &submit("{", vec![]), false)), 42201);
    let decision = delete_subject(&state, "s", false);
    settle(&mut state, decision).unwrap();
    assert_eq!(code(lookup(&state, "s", &record(A), false)), 40401);
    assert_eq!(lookup(&state, "s", &record(A), true).unwrap().version, 1);
}

#[test]
fn a_read_only_subject_takes_no_writes() {
    let mut state = State::default();
    add(&mut state, "s", &record(A)).unwrap();
    let decision = set_mode(&state, Some("s"), Some(Mode::ReadOnly));
    settle(&mut state, decision).unwrap();
    assert_eq!(code(add(&mut state, "s", &record(A_B))), 42205);
    assert_eq!(add(&mut state, "s", &record(A)), Ok(1), "what is there needs no write");
    assert_eq!(code(delete_subject(&state, "s", false)), 42205);
    assert_eq!(code(set_level(&state, Some("s"), None)), 42205);
    assert!(add(&mut state, "t", &record(A_B)).is_ok());
}

#[test]
fn what_others_refer_to_stays() {
    let mut state = State::default();
    add(&mut state, "base", &record(A)).unwrap();
    let to = |version| vec![Reference { name: "n.R".into(), subject: "base".into(), version }];
    let using = r#"{"type":"record","name":"U","fields":[{"name":"r","type":"n.R"}]}"#;
    assert_eq!(code(add(&mut state, "u", &submit(using, to(2)))), 42201);
    let id = add(&mut state, "u", &submit(using, to(1))).unwrap();
    assert_eq!(state.referrers("base", 1).collect::<Vec<_>>(), [(id, false)]);
    assert_eq!(code(delete_subject(&state, "base", false)), 42206);
    let decision = delete_subject(&state, "u", false);
    settle(&mut state, decision).unwrap();
    let decision = delete_subject(&state, "base", false);
    settle(&mut state, decision).unwrap();
    assert_eq!(code(delete_subject(&state, "base", true)), 42206);
}

#[test]
fn a_version_is_named_as_clients_do() {
    for text in ["latest", "-1"] {
        assert_eq!(VersionRef::parse(text), Ok(VersionRef::Latest));
    }
    assert_eq!(VersionRef::parse("7"), Ok(VersionRef::Number(7)));
    for text in ["0", "-2", "x", "2147483648", "", "1.0"] {
        assert_eq!(code(VersionRef::parse(text)), 42202, "{text}");
    }
}
