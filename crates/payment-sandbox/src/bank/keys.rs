//! Idempotency keys: the same request again gets the same answer, for a day.

use std::collections::HashMap;

use pipeline::Clock;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Refusal;

/// As long as Stripe keeps them.
const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// What was answered, and to what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    /// Method, path and body.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: Value,
    /// When, in microseconds.
    pub(crate) at: i64,
}

enum Known {
    InFlight(String),
    Said(Said),
}

/// What a key that comes means.
#[derive(Debug, PartialEq)]
pub(crate) enum Begun {
    /// Nothing is known of it: do it, and say how it [ended](Keys::ended).
    New,
    /// It has been answered.
    Again(Said),
}

pub(crate) struct Keys {
    clock: Clock,
    known: HashMap<String, Known>,
}

impl Keys {
    pub(super) fn new(clock: Clock) -> Self {
        Keys { clock, known: HashMap::new() }
    }

    pub(crate) fn begin(&mut self, key: &str, request: &str) -> Result<Begun, Refusal> {
        let before = self.clock.now_micros() - DAY;
        match self.known.get(key) {
            Some(Known::InFlight(other) | Known::Said(Said { request: other, .. }))
                if other != request && !self.is_old(key, before) =>
            {
                return Err(Refusal::key_reused(key));
            }
            Some(Known::InFlight(_)) => return Err(Refusal::key_in_use(key)),
            Some(Known::Said(said)) if said.at > before => return Ok(Begun::Again(said.clone())),
            _ => {}
        }
        self.known.insert(key.to_owned(), Known::InFlight(request.to_owned()));
        Ok(Begun::New)
    }

    fn is_old(&self, key: &str, before: i64) -> bool {
        matches!(self.known.get(key), Some(Known::Said(said)) if said.at <= before)
    }

    /// It was answered with this.
    pub(super) fn ended(&mut self, key: &str, said: Said) {
        self.known.insert(key.to_owned(), Known::Said(said));
    }

    /// Nothing was begun under it, after all.
    pub(crate) fn release(&mut self, key: &str) {
        if let Some(Known::InFlight(_)) = self.known.get(key) {
            self.known.remove(key);
        }
    }

    pub(crate) fn forget(&mut self) {
        self.known.retain(|_, known| matches!(known, Known::InFlight(_)));
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now_micros()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn said(request: &str, at: i64) -> Said {
        Said { request: request.into(), status: 200, body: Value::Null, at }
    }

    #[test]
    fn a_key_is_one_request_for_a_day() {
        let clock = Clock::manual(1_000_000);
        let mut keys = Keys::new(clock.clone());
        assert_eq!(keys.begin("k", "POST /a").unwrap(), Begun::New);
        assert_eq!(keys.begin("k", "POST /a").unwrap_err().status, 409);
        assert_eq!(keys.begin("k", "POST /b").unwrap_err().status, 400);
        keys.ended("k", said("POST /a", clock.now_micros()));
        assert!(matches!(keys.begin("k", "POST /a").unwrap(), Begun::Again(_)));
        assert_eq!(keys.begin("k", "POST /b").unwrap_err().status, 400);
        clock.advance(Duration::from_secs(24 * 60 * 60));
        assert_eq!(keys.begin("k", "POST /b").unwrap(), Begun::New);
    }

    #[test]
    fn a_key_under_which_nothing_was_begun_is_free() {
        let mut keys = Keys::new(Clock::manual(0));
        keys.begin("k", "POST /a").unwrap();
        keys.release("k");
        assert_eq!(keys.begin("k", "POST /b").unwrap(), Begun::New);
    }
}
