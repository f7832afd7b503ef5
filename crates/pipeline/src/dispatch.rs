//! From a record's bytes to the handler of its type.

use std::collections::HashMap;
use std::sync::Arc;

use crate::codec::{self, DecodeError, Schemas, WriterSchema};
use crate::engine::{Outcome, Rejection};
use crate::event::Event;
use crate::handler::Received;
use crate::transport::Record;

/// The schema that a record was written with; a tombstone has none.
pub(crate) type Writer = Option<Arc<WriterSchema>>;

/// A group's handlers by the full name of the record they handle, and of tombstones by their topic.
pub(crate) struct Table<H: ?Sized> {
    handlers: HashMap<&'static str, Arc<H>>,
    erasing: HashMap<&'static str, Arc<H>>,
    topics: Vec<&'static str>,
}

impl<H: ?Sized> Default for Table<H> {
    fn default() -> Self {
        Table { handlers: HashMap::new(), erasing: HashMap::new(), topics: Vec::new() }
    }
}

impl<H: ?Sized> Table<H> {
    pub(crate) fn add<E: Event>(&mut self, handler: Arc<H>) {
        self.handlers.insert(E::TYPE, handler);
        self.subscribe::<E>();
    }

    pub(crate) fn add_erasing<E: Event>(&mut self, handler: Arc<H>) {
        self.erasing.insert(E::TOPIC, handler);
        self.subscribe::<E>();
    }

    fn subscribe<E: Event>(&mut self) {
        if !self.topics.contains(&E::TOPIC) {
            self.topics.push(E::TOPIC);
        }
    }

    pub(crate) fn topics(&self) -> &[&'static str] {
        &self.topics
    }

    /// Who handles this record; nobody if its type is none of this group's, or if it is a tombstone
    /// that this group does not look at.
    pub(crate) async fn find(
        &self,
        record: &Record,
        schemas: &Schemas,
    ) -> Result<Option<(Arc<H>, Writer)>, Outcome> {
        let Some(payload) = record.payload() else {
            return Ok(self.erasing.get(record.topic()).map(|handler| (handler.clone(), None)));
        };
        let (id, _) = codec::unframe(payload)?;
        let writer = match schemas.cached(id) {
            Some(known) => known,
            None => schemas.writer(id).await?,
        };
        Ok(self.handlers.get(writer.name.as_str()).map(|h| (h.clone(), Some(writer))))
    }
}

/// The record as its type.
pub(crate) fn received<E: Event>(record: &Record, writer: &Writer) -> Result<Received<E>, Outcome> {
    let payload = record.payload().unwrap_or_default();
    let (Some(writer), (_, bytes)) = (writer, codec::unframe(payload)?) else {
        return Err(DecodeError::Undecodable("no payload".into()).into());
    };
    Ok(Received { event: codec::decode(bytes, writer)?, meta: record.meta() })
}

impl From<DecodeError> for Outcome {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Undecodable(reason) => {
                Outcome::Reject(Rejection { class: "undecodable", reason: reason.into() })
            }
            DecodeError::Registry(reason) => {
                Outcome::Unavailable(format!("schema registry: {reason}").into())
            }
        }
    }
}
