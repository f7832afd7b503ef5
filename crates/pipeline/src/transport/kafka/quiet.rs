//! A client that cannot reach its brokers says so several times a second, in the same words. Once
//! is enough to act on, and now and then as a reminder.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

const REMIND: Duration = Duration::from_secs(30);
/// More kinds than this within that time are noise.
const KINDS: usize = 32;

/// Lets a kind of trouble through when it is new, and again after a while.
#[derive(Default)]
pub(super) struct Quiet(Mutex<HashMap<String, Instant>>);

impl Quiet {
    pub(super) fn is_news(&self, kind: String) -> bool {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        said.retain(|_, at| at.elapsed() < REMIND);
        said.len() < KINDS && said.insert(kind, Instant::now()).is_none()
    }
}

/// librdkafka's own log repeats what its error callback says, and more: for whoever looks closely.
pub(super) fn log(facility: &str, message: &str) {
    tracing::debug!(target: "librdkafka", facility, "{message}");
}
