//! The service on a log and a registry in memory, with a real database file.

mod handlers;
mod http;
mod shop;
