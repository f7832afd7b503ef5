//! Waiting for as long as something moves: the patience is the same for a journey of any size.

use std::time::Duration;

use tokio::time::Instant;

use crate::PATIENCE;

/// How often it is said how far it has come.
const TELL: Duration = Duration::from_secs(15);

/// Something that is looked at again and again.
pub struct Moving<T> {
    /// What it is, for people.
    what: &'static str,
    last: Option<T>,
    since: Instant,
    told: Instant,
}

impl<T: PartialEq + std::fmt::Debug> Moving<T> {
    pub fn new(what: &'static str) -> Self {
        let now = Instant::now();
        Moving { what, last: None, since: now, told: now }
    }

    /// How long it has been as it is now; an error when that is too long.
    pub fn look(&mut self, now: T) -> anyhow::Result<Duration> {
        if self.last.as_ref() != Some(&now) {
            self.since = Instant::now();
        }
        if self.told.elapsed() > TELL {
            eprintln!("{}: {now:?}", self.what);
            self.told = Instant::now();
        }
        let still = self.since.elapsed();
        anyhow::ensure!(still < PATIENCE, "{} stands still: {now:?}", self.what);
        self.last = Some(now);
        Ok(still)
    }
}
