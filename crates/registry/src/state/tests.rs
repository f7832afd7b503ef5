use rand::rngs::SmallRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::*;
use crate::log::{FORMAT, Key, Proposal};

fn content(n: u32) -> Content {
    Content { schema: format!("\"schema {n}\""), references: Vec::new() }
}

fn proposal(revision: u64, nonce: impl ToString, change: Change) -> Proposal {
    Proposal { key: Key { format: FORMAT, revision, nonce: nonce.to_string() }, change }
}

fn register(state: &State, subject: &str, n: u32) -> Change {
    Change::Register {
        subject: subject.into(),
        version: state.next_version(subject),
        id: state.id_for(&content(n)),
        content: content(n),
    }
}

fn run(changes: &[Change]) -> State {
    let mut state = State::default();
    for (at, change) in changes.iter().enumerate() {
        let outcome = state.apply(&proposal(at as u64 + 1, at, change.clone()));
        assert_eq!(outcome, Outcome::Applied, "{change:?}");
    }
    state
}

#[test]
fn the_same_content_has_one_id_in_every_subject() {
    let mut state = State::default();
    for (revision, subject) in ["a", "b", "c"].into_iter().enumerate() {
        let change = register(&state, subject, 1);
        state.apply(&proposal(revision as u64 + 1, 0, change));
    }
    assert_eq!(
        state.uses(1).collect::<Vec<_>>(),
        [("a", 1, false), ("b", 1, false), ("c", 1, false)]
    );
    assert_eq!(state.max_id(), 1);
}

#[test]
fn of_two_proposals_on_one_state_the_first_in_the_log_wins() {
    let empty = State::default();
    let (one, two) = (register(&empty, "s", 1), register(&empty, "s", 2));
    let mut state = State::default();
    assert_eq!(state.apply(&proposal(1, "a", one.clone())), Outcome::Applied);
    assert_eq!(state.apply(&proposal(1, "b", two)), Outcome::Lost);
    assert_eq!(state.apply(&proposal(1, "a", one)), Outcome::Lost, "nor does a repetition count");
    let again = register(&state, "s", 2);
    assert_eq!(state.apply(&proposal(2, "b", again)), Outcome::Applied);
    assert_eq!(state.version("s", 2).unwrap().id, 2);
}

#[test]
fn a_proposal_from_the_future_does_not_count() {
    let mut state = State::default();
    let change = register(&state, "s", 1);
    assert_eq!(state.apply(&proposal(2, 0, change)), Outcome::Lost);
    assert_eq!(state, State::default());
}

#[test]
fn an_unsound_change_does_not_count_at_any_revision() {
    let mut state = run(&[register(&State::default(), "s", 1)]);
    let before = state.clone();
    let register =
        |version, id, n| Change::Register { subject: "s".into(), version, id, content: content(n) };
    for change in [
        register(1, 2, 2),
        register(3, 2, 2),
        register(2, 1, 2),
        register(2, 3, 2),
        register(2, 2, 1),
        Change::DeleteVersion { subject: "s".into(), version: 2, permanent: false },
        Change::DeleteVersion { subject: "s".into(), version: 1, permanent: true },
        Change::DeleteSubject { subject: "t".into(), permanent: false },
    ] {
        assert_eq!(state.apply(&proposal(2, 0, change)), Outcome::Lost);
    }
    assert_eq!(state, before);
}

#[test]
fn what_is_deleted_keeps_its_number_and_what_is_removed_keeps_its_id() {
    let subject = || "s".to_owned();
    let first = register(&State::default(), "s", 1);
    let state =
        run(&[first.clone(), Change::DeleteSubject { subject: subject(), permanent: false }]);
    assert_eq!(state.active("s").count(), 0);
    assert_eq!(state.next_version("s"), 2);
    let state = run(&[
        first,
        Change::DeleteSubject { subject: subject(), permanent: false },
        Change::DeleteSubject { subject: subject(), permanent: true },
    ]);
    assert_eq!(state.subjects().count(), 0);
    assert_eq!(state.next_version("s"), 1);
    assert_eq!((state.id_for(&content(1)), state.id_for(&content(2))), (1, 2));
}

/// Several instances, each with its own idea of the state, propose at random; their proposals
/// reach the log in any order, some of them twice.
fn random_log(seed: u64) -> Vec<Proposal> {
    let mut rng = SmallRng::seed_from_u64(seed);
    let (mut state, mut log, mut nonce) = (State::default(), Vec::new(), 0);
    let mut behind = state.clone();
    while log.len() < 120 {
        let mut round = Vec::new();
        for _ in 0..rng.random_range(1..6) {
            let seen = if rng.random_bool(0.3) { &behind } else { &state };
            let subject = ["a", "b", "c"][rng.random_range(0..3)];
            let change = match rng.random_range(0..10) {
                0 => Change::SetCompatibility {
                    subject: Some(subject.into()),
                    level: Some(Level::Full),
                },
                1 => Change::DeleteSubject {
                    subject: subject.into(),
                    permanent: rng.random_bool(0.5),
                },
                2 => Change::DeleteVersion {
                    subject: subject.into(),
                    version: rng.random_range(1..5),
                    permanent: rng.random_bool(0.5),
                },
                _ => register(seen, subject, rng.random_range(1..9)),
            };
            nonce += 1;
            round.push(proposal(seen.revision() + 1, nonce, change));
        }
        round.shuffle(&mut rng);
        if rng.random_bool(0.2) {
            round.push(round[0].clone());
        }
        behind = state.clone();
        for proposal in &round {
            state.apply(proposal);
        }
        log.extend(round);
    }
    log
}

#[test]
fn any_order_of_conflicting_proposals_leaves_a_sound_state() {
    for seed in 0..200 {
        let mut log = random_log(seed);
        for _ in 0..3 {
            let mut state = State::default();
            let applied = log.iter().filter(|p| state.apply(p) == Outcome::Applied).count();
            assert_eq!(state.revision(), applied as u64, "seed {seed}");
            assert_sound(&state, seed);
            log.shuffle(&mut SmallRng::seed_from_u64(seed));
        }
    }
}

fn assert_sound(state: &State, seed: u64) {
    assert_eq!(state.ids.len(), state.schemas.len(), "seed {seed}: an id has one content");
    for (subject, found) in &state.subjects {
        for (number, version) in &found.versions {
            let uses = &state.schemas[&version.id].versions;
            assert!(uses.contains(&(subject.clone(), *number)), "seed {seed}");
        }
    }
    for (id, schema) in &state.schemas {
        assert_eq!(state.ids[&schema.content], *id, "seed {seed}");
        for (subject, number) in &schema.versions {
            assert_eq!(state.version(subject, *number).unwrap().id, *id, "seed {seed}");
        }
    }
}

#[test]
fn two_instances_that_read_one_log_agree() {
    for seed in 0..200 {
        let log = random_log(seed);
        let (mut one, mut two) = (State::default(), State::default());
        let first: Vec<_> = log.iter().map(|p| one.apply(p)).collect();
        let second: Vec<_> = log
            .iter()
            .map(|p| {
                let (key, value) = p.encode();
                match crate::log::Record::decode(Some(&key), Some(&value)) {
                    Ok(crate::log::Record::Proposal(read)) => two.apply(&read),
                    other => panic!("{other:?}"),
                }
            })
            .collect();
        assert_eq!((first, one), (second, two), "seed {seed}");
    }
}

#[test]
fn references_are_followed_to_the_end_once() {
    let refer = |name: &str, subject: &str| Reference {
        name: name.into(),
        subject: subject.into(),
        version: 1,
    };
    let with = |subject: &str, id, n, references: Vec<Reference>| Change::Register {
        subject: subject.into(),
        version: 1,
        id,
        content: Content { references, ..content(n) },
    };
    let state = run(&[
        with("base", 1, 1, vec![]),
        with("left", 2, 2, vec![refer("B", "base")]),
        with("right", 3, 3, vec![refer("B", "base")]),
    ]);
    let top = [refer("L", "left"), refer("R", "right")];
    assert_eq!(state.referenced(&top).unwrap().len(), 3);
    let lost = [refer("X", "nowhere")];
    assert_eq!(state.referenced(&lost), Err(&lost[0]));
    assert_eq!(state.referrers("base", 1).collect::<Vec<_>>(), [(2, false), (3, false)]);
}
