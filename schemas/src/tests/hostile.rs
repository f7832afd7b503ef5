//! Bytes that are no record are refused, and cost next to nothing.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::records::for_each_record;
use crate::*;

#[test]
fn a_record_cut_off_anywhere_is_refused() {
    fn check<T: Record>() {
        let schema = schema::<T>();
        let bytes = encode(&made::value(&schema), &schema);
        for length in 0..bytes.len() {
            let read = read::<T>(&bytes[..length], &schema);
            assert!(read.is_err(), "{} of {length} bytes gave {read:?}", T::TYPE);
        }
    }
    for_each_record!(check);
}

#[test]
fn a_record_with_bytes_left_over_is_refused() {
    fn check<T: Record>() {
        let schema = schema::<T>();
        for rest in [&[0][..], &[0xff; 9]] {
            let bytes = [encode(&made::value(&schema), &schema), rest.to_vec()].concat();
            assert!(read::<T>(&bytes, &schema).is_err(), "{}", T::TYPE);
        }
    }
    for_each_record!(check);
}

#[test]
fn bytes_changed_anywhere_never_cost_much() {
    fn check<T: Record>() {
        let schema = schema::<T>();
        let bytes = encode(&made::value(&schema), &schema);
        for at in 0..bytes.len() {
            for huge in [[0xff; 4], [0xfe, 0xff, 0xff, 0x0f]] {
                let mut bytes = bytes.clone();
                bytes.splice(at..(at + 4).min(bytes.len()), huge);
                let _ = read::<T>(&bytes, &schema);
            }
        }
    }
    cheaply(|| for_each_record!(check));
}

#[test]
fn a_huge_length_is_refused_before_memory_is_taken() {
    let schema = schema::<ProductListed>();
    for length in [1 << 20, 1 << 40, i64::MAX, -1, i64::MIN] {
        let bytes = [long(length), b"MUG".to_vec()].concat();
        cheaply(|| assert!(read::<ProductListed>(&bytes, &schema).is_err(), "{length}"));
    }
}

#[test]
fn a_list_that_claims_to_be_huge_is_refused() {
    let mut schema = schema::<StockReserved>();
    for items in [schema["fields"][1]["type"]["items"].clone(), json!("null")] {
        let field = json!({ "name": "news", "type": { "type": "array", "items": items } });
        schema["fields"] = json!([field]);
        for count in [1 << 30, 1 << 40, i64::MAX, i64::MIN] {
            let bytes = [long(count), vec![0; 32]].concat();
            cheaply(|| assert!(read::<StockReserved>(&bytes, &schema).is_err(), "{count}"));
        }
    }
}

#[test]
fn a_record_nested_without_end_is_refused() {
    let mut schema = schema::<ProductListed>();
    let node: Value = json!({ "type": "record", "name": "Node", "fields": [
        { "name": "next", "type": ["null", "Node"] }
    ] });
    schema["fields"].as_array_mut().unwrap().insert(0, json!({ "name": "news", "type": node }));
    let bytes = long(1).repeat(1_000_000);
    cheaply(|| assert!(read::<ProductListed>(&bytes, &schema).is_err()));
}

/// A long as Avro writes it: zigzag, seven bits a byte.
fn long(n: i64) -> Vec<u8> {
    let mut rest = ((n << 1) ^ (n >> 63)).cast_unsigned();
    let mut bytes = Vec::new();
    while rest > 0x7f {
        bytes.push(0x80 | (rest & 0x7f) as u8);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

fn cheaply(read: impl FnOnce()) {
    let (memory, start) = (peak_kib(), Instant::now());
    read();
    assert!(start.elapsed() < Duration::from_secs(5), "took {:?}", start.elapsed());
    assert!(peak_kib() < memory + (64 << 10), "took {} KiB", peak_kib() - memory);
}

/// The most memory this process ever held; 0 where the system does not tell.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
