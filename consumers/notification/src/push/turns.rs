//! Whose turn it is: so that who is slow keeps nobody else waiting.
//!
//! A message under way holds one of the group's places, and where it goes is what a customer says: an
//! endpoint may take it and never answer. What was slow the last time gets a few places until it is quick
//! again; whoever comes beyond that comes again later, and holds none meanwhile.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Known at once; of more those are forgotten who have nothing under way.
const KNOWN: usize = 10_000;

/// What is under way, by user or by the host of a push service.
#[derive(Clone)]
pub(crate) struct Turns {
    rule: Rule,
    known: Arc<Mutex<HashMap<Box<str>, Known>>>,
}

/// How many may be under way at once of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) quick: usize,
    pub(crate) slow: usize,
    /// An answer after so long is slow, and so is none.
    pub(crate) after: Duration,
}

#[derive(Default)]
struct Known {
    under_way: usize,
    slow: bool,
}

impl Turns {
    pub(crate) fn new(rule: Rule) -> Self {
        Turns { rule, known: Arc::default() }
    }

    /// A turn, unless this one has as many as it may have.
    pub(crate) fn take(&self, whose: &str) -> Option<Turn> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KNOWN {
            known.retain(|_, one| one.under_way > 0);
        }
        let one = known.entry(whose.into()).or_default();
        if one.under_way >= if one.slow { self.rule.slow } else { self.rule.quick } {
            return None;
        }
        one.under_way += 1;
        Some(Turn { whose: whose.into(), begun: Instant::now(), turns: self.clone() })
    }
}

/// Something under way; with its end its slowness is known.
pub(crate) struct Turn {
    whose: Box<str>,
    begun: Instant,
    turns: Turns,
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut known = self.turns.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(one) = known.get_mut(&self.whose) else { return };
        one.under_way -= 1;
        one.slow = self.begun.elapsed() >= self.turns.rule.after;
        if one.under_way == 0 && !one.slow {
            known.remove(&self.whose);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOW: Duration = Duration::from_secs(5);
    const RULE: Rule = Rule { quick: 5, slow: 2, after: SLOW };

    fn ended_after(turn: Option<Turn>, time: Duration) {
        let mut turn = turn.expect("has a turn");
        turn.begun -= time;
    }

    /// How many this one gets at once. What they end with tells nothing here.
    fn at_once(turns: &Turns) -> usize {
        let slow = turns.known.lock().unwrap().get("a").is_some_and(|one| one.slow);
        let all: Vec<Turn> = std::iter::from_fn(|| turns.take("a")).collect();
        let count = all.len();
        drop(all);
        if slow {
            ended_after(turns.take("a"), SLOW);
        }
        count
    }

    #[test]
    fn who_was_slow_gets_few_turns_until_it_is_quick() {
        let turns = Turns::new(RULE);
        assert_eq!(at_once(&turns), 5);
        ended_after(turns.take("a"), SLOW);
        assert_eq!(at_once(&turns), 2);
        assert!(turns.take("b").is_some(), "it is another");
        ended_after(turns.take("a"), Duration::ZERO);
        assert_eq!(at_once(&turns), 5);
    }

    #[test]
    fn memory_has_a_bound_and_who_is_quick_is_forgotten() {
        let turns = Turns::new(RULE);
        drop(turns.take("quick"));
        assert!(turns.known.lock().unwrap().is_empty());
        let held = turns.take("held");
        for i in 0..2 * KNOWN {
            ended_after(turns.take(&i.to_string()), SLOW);
        }
        let known = turns.known.lock().unwrap();
        assert!(known.len() <= KNOWN && known.contains_key("held"));
        drop(known);
        drop(held);
    }
}
