//! Rules without I/O.

mod change;
mod merge;
mod words;

pub(crate) use change::{Change, Listing, Uncountable, delist, list, reprice, restock};
pub(crate) use merge::{Heard, hear};
pub(crate) use words::{Words, searched};
