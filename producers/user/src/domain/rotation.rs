//! Which key signs, and when keys come and go.
//!
//! There is always one key more than signs: it has been published since the one before it began, so
//! that whoever verifies has had it for long when its first token comes. Which key signs follows from
//! the clock and the table alone, so all instances that share a database agree.

/// How long an access token is good for.
pub(crate) const TOKEN_SECONDS: i64 = 15 * 60;
/// How far clocks may be apart: for so long a key that signs no more is still published besides.
const APART: i64 = 60 * SECOND;
/// How long a key is published at least before it signs, however soon it is wanted.
const AHEAD: i64 = 60 * SECOND;
const SECOND: i64 = 1_000_000;

/// A key's place among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Counts the keys, from 1.
    pub(crate) number: i64,
    pub(crate) signs_from: i64,
    /// It has no private half any more.
    pub(crate) silent: bool,
}

/// What is to be done with the keys now.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Keys to make.
    pub(crate) make: Vec<Standing>,
    /// A key that is to sign sooner than it was to.
    pub(crate) sooner: Option<Standing>,
    /// Keys that sign no more: their private halves go.
    pub(crate) silence: Vec<i64>,
    /// Keys whose last token has expired.
    pub(crate) remove: Vec<i64>,
}

impl Plan {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Plan::default()
    }
}

/// Which of these, in the order of their numbers, signs now.
pub(crate) fn current(keys: &[Standing], now: i64) -> Option<usize> {
    let begun = keys.iter().rposition(|key| key.signs_from <= now);
    // Where none has begun the clock was set back: somebody has to sign all the same.
    begun.or((!keys.is_empty()).then_some(0))
}

/// What is to be done, where a key signs for `age`.
pub(crate) fn plan(keys: &[Standing], now: i64, age: i64) -> Plan {
    let Some(i) = current(keys, now) else {
        return Plan { make: vec![key(1, now), key(2, now + age)], ..Plan::default() };
    };
    let mut plan = Plan::default();
    let signs = keys[i];
    let due = (signs.signs_from + age).max(now + AHEAD);
    match keys.get(i + 1) {
        None => plan.make.push(key(signs.number + 1, due)),
        Some(next) if next.signs_from > due => {
            plan.sooner = Some(Standing { signs_from: due, ..*next });
        }
        Some(_) => {}
    }
    for pair in keys[..=i].windows(2) {
        let (old, after) = (pair[0], pair[1]);
        if after.signs_from + TOKEN_SECONDS * SECOND + APART <= now {
            plan.remove.push(old.number);
        } else if after.signs_from + APART <= now && !old.silent {
            // An instance whose clock is behind still signs with it.
            plan.silence.push(old.number);
        }
    }
    plan
}

fn key(number: i64, signs_from: i64) -> Standing {
    Standing { number, signs_from, silent: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400 * SECOND;
    const AGE: i64 = 30 * DAY;
    const T: i64 = 1_700_000_000 * SECOND;

    /// Does what the plan says, as the store does.
    fn follow(keys: &mut Vec<Standing>, plan: Plan) {
        keys.retain(|key| !plan.remove.contains(&key.number));
        keys.extend(plan.make);
        for key in keys.iter_mut() {
            if plan.sooner.is_some_and(|sooner| sooner.number == key.number) {
                key.signs_from = plan.sooner.unwrap().signs_from;
            }
            key.silent |= plan.silence.contains(&key.number);
        }
    }

    fn turn(keys: &mut Vec<Standing>, now: i64, age: i64) {
        let plan = plan(keys, now, age);
        follow(keys, plan);
    }

    fn numbers(keys: &[Standing]) -> Vec<i64> {
        keys.iter().map(|key| key.number).collect()
    }

    #[test]
    fn there_is_always_a_next_key_and_an_old_one_stays_while_its_tokens_live() {
        let mut keys = Vec::new();
        turn(&mut keys, T, AGE);
        assert_eq!((numbers(&keys), current(&keys, T)), (vec![1, 2], Some(0)));
        assert!(plan(&keys, T + AGE - 1, AGE).is_empty());

        let changed = T + AGE;
        assert_eq!(current(&keys, changed), Some(1));
        turn(&mut keys, changed, AGE);
        assert_eq!(numbers(&keys), [1, 2, 3]);
        let quiet = plan(&keys, changed + APART, AGE);
        assert_eq!(quiet.silence, [1]);
        follow(&mut keys, quiet);
        assert!(plan(&keys, changed + APART, AGE).is_empty());
        let expired = changed + TOKEN_SECONDS * SECOND + APART;
        assert_eq!(plan(&keys, expired - 1, AGE).remove, Vec::<i64>::new());
        turn(&mut keys, expired, AGE);
        assert_eq!(numbers(&keys), [2, 3]);
        assert!(plan(&keys, expired, AGE).is_empty());
    }

    #[test]
    fn a_key_is_published_before_it_signs_also_after_a_long_standstill() {
        let mut keys = Vec::new();
        turn(&mut keys, T, AGE);
        let later = T + 10 * AGE;
        turn(&mut keys, later, AGE);
        assert_eq!(numbers(&keys), [2, 3]);
        assert_eq!(current(&keys, later), Some(0));
        assert_eq!(keys[1].signs_from, later + AHEAD);
    }

    #[test]
    fn a_shorter_age_brings_the_next_key_forward_and_a_longer_one_does_not_put_it_off() {
        let mut keys = Vec::new();
        turn(&mut keys, T, AGE);
        assert!(plan(&keys, T + DAY, 2 * AGE).is_empty());
        turn(&mut keys, T + DAY, DAY);
        assert_eq!(keys[1].signs_from, T + DAY + AHEAD);
    }

    #[test]
    fn a_clock_that_is_set_back_leaves_somebody_to_sign() {
        let mut keys = Vec::new();
        turn(&mut keys, T, AGE);
        assert_eq!(current(&keys, T - DAY), Some(0));
        assert!(plan(&keys, T - DAY, AGE).is_empty());
    }
}
