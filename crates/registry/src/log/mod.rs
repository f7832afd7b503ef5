//! The topic: every change of the registry in one order that all instances share.

mod record;

pub use record::Unreadable;
pub(crate) use record::{FORMAT, Key, Proposal, Record};
