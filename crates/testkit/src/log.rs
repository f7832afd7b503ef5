//! What stands in a log in memory, read back.

use std::collections::BTreeMap;

use pipeline::codec::{decode, unframe};
use pipeline::transport::memory::Memory;
use pipeline::{Event, Outgoing, Schemas, meta};

/// The events of one type on their topic, as often as they were sent.
pub fn sent<E: Event>(log: &Memory, schemas: &Schemas) -> Vec<E> {
    of_type::<E>(log).iter().map(|record| event(record, schemas)).collect()
}

/// The same, each event once however often it was sent, by their ids.
pub fn told<E: Event>(log: &Memory, schemas: &Schemas) -> Vec<E> {
    let records = of_type::<E>(log);
    let by_id: BTreeMap<_, _> =
        records.iter().map(|record| (header(record, meta::header::ID), record)).collect();
    by_id.values().map(|record| event(record, schemas)).collect()
}

/// Why records of a group were dead-lettered.
pub fn dead(log: &Memory, group: &str) -> Vec<String> {
    let letters = log.broker().records(&format!("dead-letter.{group}"));
    letters.iter().map(|letter| header(&letter.record, "dl_reason")).collect()
}

/// The last part of a record's type: `OrderPlaced`.
pub fn type_of(record: &Outgoing) -> String {
    header(record, meta::header::TYPE).rsplit('.').next().unwrap_or_default().to_owned()
}

fn of_type<E: Event>(log: &Memory) -> Vec<Outgoing> {
    let all = log.broker().records(E::TOPIC).into_iter().map(|r| r.record.clone());
    all.filter(|record| header(record, meta::header::TYPE) == E::TYPE).collect()
}

fn event<E: Event>(record: &Outgoing, schemas: &Schemas) -> E {
    let (id, bytes) = unframe(record.payload.as_deref().unwrap_or_default()).expect("framed");
    let writer = schemas.cached(id).expect("its schema is registered");
    decode(bytes, &writer).expect("a record of ours")
}

fn header(record: &Outgoing, name: &str) -> String {
    let value = record.headers.iter().find(|(known, _)| known == name);
    value.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}
