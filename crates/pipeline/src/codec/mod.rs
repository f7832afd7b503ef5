//! The wire format: Confluent framing (a zero byte, a 4-byte schema id, Avro binary).
//!
//! `serde_avro_fast` reads and writes the bytes straight from and into the type: it does not read
//! past the end of a truncated record, bounds depth and sequence sizes, and is several times
//! faster than going through a value tree. What is left after the record is looked for here.

mod registry_access;
mod schemas;

use std::io::Read;
use std::sync::Arc;

use serde_avro_fast::de::{DeserializerConfig, DeserializerState, read::SliceRead};
use serde_avro_fast::ser::SerializerConfig;

use crate::event::Event;
pub use registry_access::RegistryNames;
pub use schemas::{RegistryError, RegistryLogin, RegistrySettings, Schemas, WriterSchema};

/// Sequences (arrays, maps, strings) longer than this are refused while decoding.
const MAX_SEQUENCE: usize = 1 << 20;
/// Records nested deeper than this are refused while decoding.
const MAX_DEPTH: usize = 32;

/// Why a value could not be turned into bytes. It never mends itself: the type and its schema
/// disagree, or the value is too large.
#[derive(Debug, thiserror::Error)]
pub enum EncodeError {
    /// Type and schema disagree.
    #[error("cannot encode {0} with its schema: {1}")]
    Schema(&'static str, serde_avro_fast::ser::SerError),
    /// The schema has not been registered at start.
    #[error("the schema of {0} is not registered: list it in `Schemas::register` at start")]
    NotRegistered(&'static str),
    /// Larger than a broker takes.
    #[error("{0} of {1} bytes is larger than the limit of {2} bytes")]
    TooLarge(&'static str, usize, usize),
}

/// Why bytes could not be turned into a value.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes can never be read: the record is dead-lettered.
    #[error("undecodable: {0}")]
    Undecodable(String),
    /// The registry cannot be asked: not the record's fault.
    #[error("schema registry: {0}")]
    Registry(String),
}

/// Splits a framed payload into schema id and Avro bytes.
pub fn unframe(payload: &[u8]) -> Result<(u32, &[u8]), DecodeError> {
    match payload {
        [0, a, b, c, d, rest @ ..] => Ok((u32::from_be_bytes([*a, *b, *c, *d]), rest)),
        [0, ..] => Err(DecodeError::Undecodable(format!(
            "{} bytes are too few for the five of the schema id's frame",
            payload.len()
        ))),
        [magic, ..] => Err(DecodeError::Undecodable(format!(
            "magic byte is {magic}, and 0 was expected (not written by a schema-registry serializer?)"
        ))),
        [] => Err(DecodeError::Undecodable("empty payload".into())),
    }
}

/// Frames and encodes one event under its registered id.
pub fn encode<E: Event>(
    event: &E,
    id: u32,
    schema: &serde_avro_fast::Schema,
) -> Result<Vec<u8>, EncodeError> {
    let mut bytes = Vec::with_capacity(128);
    bytes.push(0);
    bytes.extend_from_slice(&id.to_be_bytes());
    serde_avro_fast::to_datum(event, bytes, &mut SerializerConfig::new(schema))
        .map_err(|e| EncodeError::Schema(E::TYPE, e))
}

/// Decodes Avro bytes written with `writer` into a type of a compatible schema: fields the type
/// does not know are skipped, fields the writer did not know take the type's serde default.
pub fn decode<T: serde::de::DeserializeOwned>(
    bytes: &[u8],
    writer: &Arc<WriterSchema>,
) -> Result<T, DecodeError> {
    let mut config = DeserializerConfig::new(&writer.schema);
    config.max_seq_size = MAX_SEQUENCE.min(bytes.len().max(64));
    config.allowed_depth = MAX_DEPTH;
    let mut state = DeserializerState::with_config(SliceRead::new(bytes), config);
    let value = T::deserialize(state.deserializer())
        .map_err(|e| DecodeError::Undecodable(format!("as {}: {e}", writer.name)))?;
    let mut rest = state.into_reader();
    match rest.read(&mut [0]) {
        Ok(0) => Ok(value),
        _ => Err(DecodeError::Undecodable(format!("bytes are left over after {}", writer.name))),
    }
}
