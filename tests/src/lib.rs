#![doc = include_str!("../README.md")]

pub mod audit;
pub mod customers;
pub mod insistent;
pub mod kills;
pub mod members;
pub mod moving;
pub mod rest;
pub mod shop;
pub mod shoppers;
pub mod spans;
pub mod staff;
pub mod twice;

use std::str::FromStr;
use std::time::Duration;

/// What a journey waits for comes in seconds; a busy machine may take its time.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// The number that the environment's `name` sets, or `default`.
pub fn setting<T: FromStr>(name: &str, default: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// What all randomness of a journey follows from.
pub fn seed() -> u64 {
    setting("JOURNEY_SEED", 1)
}
