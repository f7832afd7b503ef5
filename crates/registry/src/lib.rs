#![doc = include_str!("../README.md")]

mod avro;
mod broker;
mod compat;
mod config;
mod decide;
mod error;
mod http;
mod log;
mod serve;
mod state;
mod store;

pub use avro::{AvroSchema, InvalidSchema};
pub use compat::{Incompatibility, Level, Rule, UnknownLevel, can_read};
pub use config::{Config, InvalidConfig, Limits};
pub use log::{ReadError, TopicError, Unreadable};
pub use serve::{ServeError, serve};
