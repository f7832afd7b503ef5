//! The service on a log and a registry in memory, on a real database of each kind.

mod access;
mod handlers;
mod http;
mod paying;
mod shop;
