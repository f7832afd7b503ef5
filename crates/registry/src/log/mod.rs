//! The topic: every change of the registry in one order that all instances share.

mod client;
mod reader;
mod record;
mod topic;
mod writer;

pub use reader::ReadError;
pub(crate) use reader::{Reader, Sink};
pub use record::Unreadable;
pub(crate) use record::{FORMAT, Key, Proposal, Record};
pub use topic::TopicError;
pub(crate) use writer::{WriteError, Writer};

pub(crate) async fn ensure_topic(config: &crate::Config) -> Result<(), TopicError> {
    topic::ensure(config).await
}
