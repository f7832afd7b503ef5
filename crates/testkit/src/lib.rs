#![doc = include_str!("../README.md")]

pub mod access;
pub mod broker;
pub mod certificates;
pub mod client;
pub mod database;
pub mod embedded;
pub mod kafka;
pub mod log;
pub mod names;
pub mod otlp;
pub mod ports;
pub mod postgres;
pub mod process;
pub mod push;
mod scripts;
pub mod smtp;
pub mod stripe_mock;
mod supervised;
pub mod tap;
pub mod tls_front;
pub mod tokens;
pub mod wait;
pub mod world;
