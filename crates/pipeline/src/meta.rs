//! What accompanies a record: the CloudEvents attributes in its headers, and where it stood.

use uuid::Uuid;

use crate::trace::TraceContext;

/// Names of the headers, as the CloudEvents Kafka binding (binary mode) has them.
pub mod header {
    /// The event's id; the same however often it is sent.
    pub const ID: &str = "ce_id";
    /// The record's full Avro name.
    pub const TYPE: &str = "ce_type";
    /// The service that decided the event.
    pub const SOURCE: &str = "ce_source";
    /// When it was decided, RFC 3339.
    pub const TIME: &str = "ce_time";
    /// `1.0`.
    pub const SPEC_VERSION: &str = "ce_specversion";
    /// The id of the event that this one answers.
    pub const CAUSATION: &str = "ce_causationid";
    /// The id shared by all events of one story.
    pub const CORRELATION: &str = "ce_correlationid";
    /// W3C trace context.
    pub const TRACEPARENT: &str = "traceparent";
    /// W3C trace state.
    pub const TRACESTATE: &str = "tracestate";
}

/// A header of a record.
pub type Header = (String, Vec<u8>);

/// What caused an event: an earlier event, or a request from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cause {
    /// The event that is answered, if any.
    pub causation: Option<String>,
    /// The story it belongs to; the first event's own id where this is empty.
    pub correlation: Option<String>,
    /// The place in a trace that it belongs under.
    pub trace: Option<TraceContext>,
}

/// Where a record stood and what its headers say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    /// The topic.
    pub topic: String,
    /// The partition.
    pub partition: i32,
    /// The offset.
    pub offset: i64,
    /// The broker's or producer's timestamp, milliseconds since the Unix epoch.
    pub timestamp_millis: i64,
    /// The key, as text.
    pub key: String,
    /// `ce_id`, or topic, partition and offset where a foreign producer gave none.
    pub event_id: String,
    /// `ce_correlationid`, or the event id.
    pub correlation: String,
    /// `traceparent` and `tracestate`, where they are there and well-formed.
    pub trace: Option<TraceContext>,
}

impl Meta {
    /// The cause of what is emitted in answer to this record.
    pub fn cause(&self) -> Cause {
        Cause {
            causation: Some(self.event_id.clone()),
            correlation: Some(self.correlation.clone()),
            trace: self.trace.clone(),
        }
    }

    /// An id that follows from this record's id and `name`: the same at every delivery.
    pub fn derived_id(&self, name: &str) -> Uuid {
        Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{}/{name}", self.event_id).as_bytes())
    }
}
