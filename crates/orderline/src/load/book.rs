//! The ledger, for who writes into it from several sides.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::ledger::Ledger;

/// A ledger that is written by those who send and those who watch.
#[derive(Debug, Default)]
pub(super) struct Book(Mutex<Ledger>);

impl Book {
    pub(super) fn lock(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
