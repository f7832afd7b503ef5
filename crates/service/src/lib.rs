#![doc = include_str!("../README.md")]

pub mod auth;
mod boot;
mod first_reading;
mod health;
pub mod http;
mod lifecycle;
mod published;
mod settings;
mod telemetry;

pub use boot::{Identity, Service};
pub use first_reading::FirstReading;
pub use lifecycle::{WrongOption, main};
pub use published::Published;
pub use settings::{
    Brokers, Callers, Cluster, Days, LogFormat, Process, SchemaRegistry, Seconds, Secret,
    SecretNames, Settings, Storage, Time, is_loopback, secret,
};
