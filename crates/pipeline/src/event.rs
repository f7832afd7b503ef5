//! What a record on the wire is to a program: a type with a schema, a topic and a key.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A record type: the Rust side of one `.avsc` file.
pub trait Event: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The full Avro name, which is also the subject in the registry and the `ce_type` header.
    const TYPE: &'static str;
    /// The topic it is published on.
    const TOPIC: &'static str;
    /// The text of its `.avsc` file.
    const SCHEMA: &'static str;

    /// The record's key: records of one key stay in order.
    fn key(&self) -> String;
}
