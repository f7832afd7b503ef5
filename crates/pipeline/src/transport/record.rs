//! A record as it came, whatever it came by.

use std::sync::Arc;

use super::kafka::KafkaRecord;
use super::memory::Stored;
use crate::meta::{Header, Meta, header};
use crate::trace::TraceContext;

/// A consumed record. Its bytes stay where the transport put them; nothing is copied to look.
pub struct Record(pub(crate) Inner);

pub(crate) enum Inner {
    Kafka(KafkaRecord),
    Memory(Arc<Stored>),
}

impl Record {
    /// The topic.
    pub fn topic(&self) -> &str {
        match &self.0 {
            Inner::Kafka(r) => r.topic(),
            Inner::Memory(r) => &r.topic,
        }
    }

    /// The partition.
    pub fn partition(&self) -> i32 {
        match &self.0 {
            Inner::Kafka(r) => r.partition(),
            Inner::Memory(r) => r.partition,
        }
    }

    /// The offset.
    pub fn offset(&self) -> i64 {
        match &self.0 {
            Inner::Kafka(r) => r.offset(),
            Inner::Memory(r) => r.offset,
        }
    }

    /// The key.
    pub fn key(&self) -> Option<&[u8]> {
        match &self.0 {
            Inner::Kafka(r) => r.key(),
            Inner::Memory(r) => r.record.key.as_deref(),
        }
    }

    /// The payload; none is a tombstone.
    pub fn payload(&self) -> Option<&[u8]> {
        match &self.0 {
            Inner::Kafka(r) => r.payload(),
            Inner::Memory(r) => r.record.payload.as_deref(),
        }
    }

    /// Milliseconds since the Unix epoch.
    pub fn timestamp_millis(&self) -> i64 {
        match &self.0 {
            Inner::Kafka(r) => r.timestamp_millis(),
            Inner::Memory(r) => r.timestamp_millis,
        }
    }

    /// All headers, copied.
    pub fn headers(&self) -> Vec<Header> {
        match &self.0 {
            Inner::Kafka(r) => r.headers(),
            Inner::Memory(r) => r.record.headers.clone(),
        }
    }

    /// A number that tells whether two records are of the same topic and partition without
    /// comparing names.
    pub(crate) fn partition_tag(&self) -> (usize, i32) {
        match &self.0 {
            Inner::Kafka(r) => (r.topic_tag(), r.partition()),
            Inner::Memory(r) => (Arc::as_ptr(&r.topic).cast::<u8>() as usize, r.partition),
        }
    }

    /// How much memory it holds on to, about.
    pub(crate) fn bytes(&self) -> usize {
        self.key().map_or(0, <[u8]>::len) + self.payload().map_or(0, <[u8]>::len)
    }

    /// Its place and its headers, read.
    pub fn meta(&self) -> Meta {
        let mut meta = Meta {
            topic: self.topic().to_owned(),
            partition: self.partition(),
            offset: self.offset(),
            timestamp_millis: self.timestamp_millis(),
            key: String::from_utf8_lossy(self.key().unwrap_or_default()).into_owned(),
            event_id: String::new(),
            correlation: String::new(),
            trace: None,
        };
        let (mut traceparent, mut tracestate) = (None, None);
        for (name, value) in self.headers() {
            let Ok(value) = String::from_utf8(value) else { continue };
            match name.as_str() {
                header::ID => meta.event_id = value,
                header::CORRELATION => meta.correlation = value,
                header::TRACEPARENT => traceparent = Some(value),
                header::TRACESTATE => tracestate = Some(value),
                _ => {}
            }
        }
        meta.trace = traceparent.and_then(|p| TraceContext::parse(&p, tracestate.as_deref()));
        if meta.event_id.is_empty() {
            meta.event_id = format!("{}/{}/{}", meta.topic, meta.partition, meta.offset);
        }
        if meta.correlation.is_empty() {
            meta.correlation.clone_from(&meta.event_id);
        }
        meta
    }
}
